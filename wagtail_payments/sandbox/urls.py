"""The sandbox's addresses: the API, the hosted page and the dashboard, below any prefix."""

from django.urls import path

from wagtail_payments.sandbox.views import actions, api, dashboard, pay

app_name = "wagtail_payments_sandbox"

urlpatterns = [
    path("v1/<path:rest>", api.call),
    path("pay/<str:key>", pay.pay, name="pay"),
    path("pay/<str:key>/challenge", pay.challenge, name="challenge"),
    path("", dashboard.payments, name="payments"),
    path("receipts/<str:key>", dashboard.receipt, name="receipt"),
    path("sessions/", dashboard.sessions, name="sessions"),
    path("customers/", dashboard.customers, name="customers"),
    path("events/", dashboard.events, name="events"),
    path("events/<str:key>/", dashboard.event, name="event"),
    path("behaviour/", dashboard.behaviour, name="behaviour"),
    path("do/<str:verb>/", actions.act, name="act"),
]
