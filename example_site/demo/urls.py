"""The addresses of the example site."""

from django.conf import settings
from django.conf.urls.static import static
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from demo import mailbox

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("mailbox/", mailbox.index, name="mailbox"),
    path("mailbox/<slug:key>/", mailbox.message, name="mailbox_message"),
    path("mailbox/<slug:key>/<int:part>/", mailbox.attachment, name="mailbox_attachment"),
    path("payments/", include("wagtail_payments.urls")),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    path("", include(wagtail_urls)),
]
