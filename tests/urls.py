"""The URLs of the default host."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.contrib.sitemaps.views import sitemap

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("payments/", include("wagtail_payments.urls")),
    path("sitemap.xml", sitemap),
    path("", include(wagtail_urls)),
]
