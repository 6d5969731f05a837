"""Tries to pay get shares, one for each invoice, so that one payment can be for several."""

import django.db.models.deletion
import wagtail_payments.records.fields
from django.conf import settings
from django.db import migrations, models


def share_out(apps, schema_editor):
    """Every try so far was for one invoice: all of it."""
    share = apps.get_model('wagtail_payments', 'AttemptShare')
    attempts = apps.get_model('wagtail_payments', 'PaymentAttempt').objects.order_by('pk')
    rows = attempts.values_list('pk', 'invoice_id', 'amount', 'live_for_id')
    made = [
        share(attempt_id=pk, invoice_id=invoice, amount=amount, asked=amount, live_for_id=live_for)
        for pk, invoice, amount, live_for in rows.iterator()
    ]
    share.objects.bulk_create(made, batch_size=500)


def gather(apps, schema_editor):
    """A try is live for the invoice it was begun for; of several paid together, the others are forgotten."""
    attempt = apps.get_model('wagtail_payments', 'PaymentAttempt')
    share = apps.get_model('wagtail_payments', 'AttemptShare')
    begun_for = models.F('attempt__invoice')
    for live in share.objects.filter(live_for__isnull=False, invoice=begun_for).iterator():
        attempt.objects.filter(pk=live.attempt_id).update(live_for=live.live_for_id)


def forget_requests(apps, schema_editor):
    """A link without anything it opens can't stay."""
    links = apps.get_model('wagtail_payments', 'Link').objects.filter(payment_request__isnull=False)
    letters = apps.get_model('wagtail_payments', 'Letter')
    apps.get_model('wagtail_payments', 'Opening').objects.filter(link__in=links).delete()
    letters.further_links.through.objects.filter(link__in=links).delete()
    letters.objects.filter(link__in=links).update(link=None)
    links.delete()
    if schema_editor.connection.vendor == 'postgresql':  # it alters no table on which checks are still to be made
        schema_editor.execute('SET CONSTRAINTS ALL IMMEDIATE')


class Migration(migrations.Migration):

    dependencies = [
        ('wagtail_payments', '0005_quotes_to_reminders'),
        ('wagtailcore', '0094_alter_page_locale'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PaymentRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mode', models.CharField(choices=[('live', 'Live'), ('test', 'Test')], max_length=4)),
                ('currency', wagtail_payments.records.fields.CurrencyCode(default='EUR', max_length=3)),
                ('language', models.CharField(max_length=10)),
                ('of_these', models.CharField(max_length=64, unique=True)),
                ('public_id', models.CharField(max_length=32, unique=True)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payment_requests', to='wagtail_payments.customer')),
                ('invoices', models.ManyToManyField(related_name='payment_requests', to='wagtail_payments.invoice')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payment_requests', to='wagtail_payments.seller')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payment_requests', to='wagtailcore.site')),
            ],
            options={
                'verbose_name': 'payment request',
                'verbose_name_plural': 'payment requests',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='AttemptShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', wagtail_payments.records.fields.MinorUnits()),
                ('asked', wagtail_payments.records.fields.MinorUnits()),
                ('attempt', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='wagtail_payments.paymentattempt')),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempt_shares', to='wagtail_payments.invoice')),
                ('live_for', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='live_share', to='wagtail_payments.invoice')),
            ],
            options={
                'verbose_name': 'part of a payment attempt',
                'verbose_name_plural': 'parts of payment attempts',
                'ordering': ['pk'],
                'constraints': [
                    models.UniqueConstraint(fields=('attempt', 'invoice'), name='wagtail_payments_one_share_each'),
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='wagtail_payments_share_above_zero'),
                ],
            },
        ),
        migrations.RunPython(share_out, gather),
        migrations.RemoveField(
            model_name='paymentattempt',
            name='live_for',
        ),
        migrations.AddField(
            model_name='paymentattempt',
            name='payment_request',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='wagtail_payments.paymentrequest'),
        ),
        migrations.RemoveConstraint(
            model_name='link',
            name='wagtail_payments_link_to_one',
        ),
        migrations.AddField(
            model_name='link',
            name='payment_request',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='link', to='wagtail_payments.paymentrequest'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('document__isnull', False), ('payment_request', None), ('registration', None)), models.Q(('document', None), ('payment_request', None), ('registration__isnull', False)), models.Q(('document', None), ('payment_request__isnull', False), ('registration', None)), _connector='OR'), name='wagtail_payments_link_to_one'),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_requests),
    ]
