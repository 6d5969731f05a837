"""The addresses of the sandbox as a server of its own."""

from django.urls import include, path

urlpatterns = [path("", include("wagtail_payments.sandbox.urls"))]
