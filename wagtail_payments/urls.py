"""What a host includes: ``path("payments/", include("wagtail_payments.urls"))``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from wagtail_payments import webhooks
from wagtail_payments.portal import (
    credit,
    documents,
    files,
    links,
    logos,
    payment_requests,
    payments,
    promises,
    questions,
    quote_answers,
    quote_files,
    registration_balance,
    registration_cancelling,
    registration_withdrawing,
    registrations,
    signing,
    theme,
)

app_name = "wagtail_payments"

urlpatterns: list[URLPattern | URLResolver] = [
    path("l/<str:token>/", links.link, name="link"),
    path("r/<str:token>/", payments.returned, name="return"),
    path("d/<slug:public_id>/", documents.document, name="document"),
    path("d/<slug:public_id>/pdf/", files.pdf, name="pdf"),
    path("d/<slug:public_id>/papers/<int:pk>/", files.paper, name="paper"),
    path("d/<slug:public_id>/attachment/<int:pk>/", files.attachment, name="attachment"),
    path("d/<slug:public_id>/added/<int:pk>/", files.added, name="added"),
    path("d/<slug:public_id>/credit/", credit.use, name="use_credit"),
    path("d/<slug:public_id>/pay/", payments.pay, name="pay"),
    path("d/<slug:public_id>/plan/", promises.plan, name="plan"),
    path("d/<slug:public_id>/plan/withdraw/", promises.withdraw, name="plan_withdraw"),
    path("d/<slug:public_id>/question/", questions.question, name="question"),
    path("d/<slug:public_id>/sign/", signing.sign, name="sign"),
    path("d/<slug:public_id>/sign/code/", signing.code, name="sign_code"),
    path("d/<slug:public_id>/sign/confirm/", signing.confirm, name="sign_confirm"),
    path("d/<slug:public_id>/decline/", quote_answers.decline, name="decline"),
    path("d/<slug:public_id>/withdraw/", quote_answers.withdraw, name="withdraw"),
    path("d/<slug:public_id>/signed/", quote_files.signed, name="signed"),
    path("d/<slug:public_id>/evidence/", quote_files.evidence, name="evidence"),
    path("t/<slug:public_id>/", payment_requests.payment_request, name="payment_request"),
    path("t/<slug:public_id>/pay/", payment_requests.pay, name="payment_request_pay"),
    path("e/<slug:public_id>/", registrations.registration, name="registration"),
    path("e/<slug:public_id>/pay/", registrations.pay, name="registration_pay"),
    path("e/<slug:public_id>/balance/", registration_balance.pay, name="registration_balance"),
    path("e/<slug:public_id>/more-time/", registrations.more_time, name="registration_more_time"),
    path("e/<slug:public_id>/give-back/", registrations.give_back, name="registration_give_back"),
    path("e/<slug:public_id>/seats/<int:pk>/", registrations.seat, name="registration_seat"),
    path("e/<slug:public_id>/answers/", registrations.order, name="registration_answers"),
    path("e/<slug:public_id>/papers/<int:pk>/", registrations.paper, name="registration_paper"),
    path("e/<slug:public_id>/event.ics", registrations.calendar, name="registration_calendar"),
    path("e/<slug:public_id>/cancel/", registration_cancelling.cancel, name="registration_cancel"),
    path("e/<slug:public_id>/withdraw/", registration_withdrawing.withdraw, name="registration_withdraw"),
    path("e/<slug:public_id>/question/", questions.of_registration, name="registration_question"),
    re_path(r"^logo/(?P<name>[0-9a-f]{16,64}\.png)$", logos.logo, name="logo"),
    re_path(r"^theme/(?P<brand>[0-9a-f]{6})-(?P<accent>[0-9a-f]{6})\.css$", theme.theme, name="theme"),
    path("webhooks/<slug:gateway>/", webhooks.webhook, name="webhook"),
]
