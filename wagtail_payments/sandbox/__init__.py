"""A local stand-in for Stripe, for development and tests.

It speaks Stripe's wire protocol, so that the real ``stripe`` package runs unchanged
against it. No money moves and nothing leaves the machine. It is a Django app of its own
that knows nothing of the rest of ``wagtail_payments``.
"""
