"""The default host's URLs, and the sandbox's own pages beside them."""

from django.urls import include, path

from tests.urls import urlpatterns as of_the_host

urlpatterns = [path("sandbox/", include("wagtail_payments.sandbox.urls")), *of_the_host]
