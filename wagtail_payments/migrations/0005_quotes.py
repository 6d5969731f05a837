"""Quotes, what was agreed, and its evidence; only additions."""

import django.db.models.deletion
import modelcluster.fields
import wagtail.models.preview
import wagtail_payments.core.lifecycle
import wagtail_payments.records.agreements
import wagtail_payments.records.customers
import wagtail_payments.records.fields
import wagtail_payments.records.quotes
import wagtail_payments.records.sellers
import wagtail_payments.records.validators
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('wagtail_payments', '0004_event_pages'),
        ('wagtailcore', '0094_alter_page_locale'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='seller',
            name='quote_days',
            field=models.PositiveSmallIntegerField(default=30, verbose_name='days that a quote is valid'),
        ),
        migrations.AddField(
            model_name='seller',
            name='quote_pattern',
            field=models.CharField(default='D{year}-{number:04}', max_length=40, validators=[wagtail_payments.records.validators.quote_pattern], verbose_name='quote numbers'),
        ),
        migrations.AddField(
            model_name='seller',
            name='quote_rule',
            field=models.CharField(choices=wagtail_payments.records.sellers.quote_rules, default='signed_or_accepted', max_length=20, verbose_name='a quote may be invoiced'),
        ),
        migrations.AddField(
            model_name='seller',
            name='quote_terms',
            field=models.TextField(blank=True, help_text='The customer accepts them together with the quote. They stand on every new quote.', verbose_name='terms and conditions of your quotes'),
        ),
        migrations.CreateModel(
            name='Quote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mode', models.CharField(choices=[('live', 'Live'), ('test', 'Test')], default='live', editable=False, max_length=4)),
                ('title', models.CharField(blank=True, max_length=200, verbose_name='subject')),
                ('language', models.CharField(default='fr', max_length=10, verbose_name='language')),
                ('currency', wagtail_payments.records.fields.CurrencyCode(default='EUR', max_length=3, validators=[wagtail_payments.records.validators.currency], verbose_name='currency')),
                ('order_reference', models.CharField(blank=True, max_length=100, verbose_name='purchase order number')),
                ('nature', models.CharField(choices=wagtail_payments.records.sellers.natures, default='services', max_length=10, verbose_name='what is sold')),
                ('discount_percent', models.DecimalField(blank=True, decimal_places=2, default=Decimal('0'), max_digits=5, validators=[wagtail_payments.records.validators.percent], verbose_name='discount on the whole, %')),
                ('discount_amount', models.DecimalField(blank=True, decimal_places=3, default=Decimal('0'), max_digits=14, validators=[wagtail_payments.records.validators.not_negative], verbose_name='or discount, amount')),
                ('custom_fields', models.JSONField(blank=True, default=list, verbose_name='further fields')),
                ('memo', models.TextField(blank=True, help_text='Printed below the lines.', verbose_name='memo')),
                ('other_mentions', models.TextField(blank=True, verbose_name='other mentions')),
                ('net', wagtail_payments.records.fields.MinorUnits(default=0, editable=False, verbose_name='net')),
                ('tax', wagtail_payments.records.fields.MinorUnits(default=0, editable=False, verbose_name='VAT')),
                ('gross', wagtail_payments.records.fields.MinorUnits(default=0, editable=False, verbose_name='total')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('metadata', models.JSONField(blank=True, default=dict, editable=False)),
                ('lock_count', models.BigIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=wagtail_payments.records.quotes.quote_states, db_index=True, default=wagtail_payments.core.lifecycle.QuoteState['DRAFT'], editable=False, max_length=20, verbose_name='state')),
                ('family', models.CharField(db_index=True, editable=False, max_length=32)),
                ('version', models.PositiveSmallIntegerField(default=1, editable=False, verbose_name='version')),
                ('draft_slot', models.CharField(editable=False, max_length=32, null=True, unique=True)),
                ('live_slot', models.CharField(editable=False, max_length=32, null=True, unique=True)),
                ('valid_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='valid for … days')),
                ('valid_until', models.DateField(blank=True, db_index=True, null=True, verbose_name='or valid until')),
                ('terms', models.TextField(blank=True, help_text='The customer accepts them together with the quote.', verbose_name='terms and conditions')),
                ('deposit_term', models.CharField(blank=True, choices=wagtail_payments.records.quotes.deposit_terms, default='', max_length=10, verbose_name="a private person's deposit is")),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quotes', to='wagtail_payments.customer', verbose_name='customer')),
                ('document', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='quote', to='wagtail_payments.issueddocument')),
                ('event', models.ForeignKey(blank=True, help_text="If the quote is for an event, it stands on the event's desk.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='quotes', to='wagtail_payments.event', verbose_name='event')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quotes', to='wagtail_payments.seller', verbose_name='seller')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payment_quotes', to='wagtailcore.site', verbose_name='site')),
            ],
            options={
                'verbose_name': 'quote',
                'verbose_name_plural': 'quotes',
                'ordering': ['-pk'],
                'permissions': [('send_quote', 'Can send quotes, and say what became of them'), ('history_quote', 'Can see the history of quotes')],
                'abstract': False,
                'base_manager_name': 'objects',
            },
            bases=(wagtail.models.preview.PreviewableMixin, models.Model),
        ),
        migrations.CreateModel(
            name='PlanStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort_order', models.IntegerField(blank=True, editable=False, null=True)),
                ('label', models.CharField(max_length=200, verbose_name='what for')),
                ('percent', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, validators=[wagtail_payments.records.validators.percent], verbose_name='percent')),
                ('amount', models.DecimalField(blank=True, decimal_places=3, help_text='Leave both empty for what is left.', max_digits=14, null=True, validators=[wagtail_payments.records.validators.not_negative], verbose_name='or amount incl. VAT')),
                ('moment', models.CharField(choices=wagtail_payments.records.quotes.plan_moments, default='at_signature', max_length=20, verbose_name='when')),
                ('on', models.DateField(blank=True, null=True, verbose_name='date')),
                ('quote', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='plan', to='wagtail_payments.quote')),
            ],
            options={
                'verbose_name': 'part',
                'verbose_name_plural': 'billing plan',
                'ordering': ['sort_order'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('how', models.CharField(choices=wagtail_payments.records.agreements.agreement_ways, max_length=10, verbose_name='how')),
                ('at', models.DateTimeField(verbose_name='recorded at')),
                ('on', models.DateField(verbose_name='agreed on')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('role', models.CharField(blank=True, max_length=200, verbose_name='role')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('typed', models.CharField(blank=True, max_length=100)),
                ('consent', models.TextField(blank=True)),
                ('terms_sha256', models.CharField(blank=True, max_length=64)),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('file', models.FileField(blank=True, max_length=200, storage=wagtail_payments.records.fields.private_storage, upload_to='agreements/%Y', verbose_name='file')),
                ('net', wagtail_payments.records.fields.MinorUnits(verbose_name='net')),
                ('tax', wagtail_payments.records.fields.MinorUnits(verbose_name='VAT')),
                ('gross', wagtail_payments.records.fields.MinorUnits(verbose_name='total')),
                ('text', models.TextField()),
                ('sha256', models.CharField(max_length=64)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('quote', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='agreement', to='wagtail_payments.quote')),
            ],
            options={
                'verbose_name': 'agreement',
                'verbose_name_plural': 'agreements',
                'ordering': ['-pk'],
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='QuoteAttachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort_order', models.IntegerField(blank=True, editable=False, null=True)),
                ('file', models.FileField(max_length=200, storage=wagtail_payments.records.fields.private_storage, upload_to='attachments/%Y', verbose_name='file')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='name shown')),
                ('quote', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='wagtail_payments.quote')),
            ],
            options={
                'verbose_name': 'attachment',
                'verbose_name_plural': 'attachments',
                'ordering': ['sort_order'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='QuoteLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort_order', models.IntegerField(blank=True, editable=False, null=True)),
                ('vat_category', models.CharField(choices=wagtail_payments.records.customers.vat_categories, default='S', max_length=2, verbose_name='VAT')),
                ('vat_rate', models.DecimalField(decimal_places=2, default=Decimal('20'), max_digits=5, validators=[wagtail_payments.records.validators.percent], verbose_name='VAT rate, %')),
                ('vat_reason', models.CharField(blank=True, choices=wagtail_payments.records.customers.vat_reasons, default='', max_length=30, verbose_name='reason')),
                ('description', models.TextField(verbose_name='description')),
                ('quantity', models.DecimalField(decimal_places=4, default=Decimal('1'), max_digits=14, validators=[wagtail_payments.records.validators.more_than_zero], verbose_name='quantity')),
                ('unit', models.CharField(blank=True, max_length=30, verbose_name='unit')),
                ('unit_price', models.DecimalField(decimal_places=6, max_digits=18, validators=[wagtail_payments.records.validators.not_negative], verbose_name='unit price')),
                ('price_includes_vat', models.BooleanField(default=False, verbose_name='price includes VAT')),
                ('discount_percent', models.DecimalField(blank=True, decimal_places=2, default=Decimal('0'), max_digits=5, validators=[wagtail_payments.records.validators.percent], verbose_name='discount, %')),
                ('discount_amount', models.DecimalField(blank=True, decimal_places=3, default=Decimal('0'), max_digits=14, validators=[wagtail_payments.records.validators.not_negative], verbose_name='or discount, amount')),
                ('is_optional', models.BooleanField(default=False, help_text='The customer adds it, or not; it is not in the total.', verbose_name='optional')),
                ('least', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True, validators=[wagtail_payments.records.validators.more_than_zero], verbose_name='quantity at least')),
                ('most', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True, validators=[wagtail_payments.records.validators.more_than_zero], verbose_name='quantity at most')),
                ('item', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='quote_lines', to='wagtail_payments.catalogueitem', verbose_name='from the catalogue')),
                ('quote', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='wagtail_payments.quote')),
            ],
            options={
                'verbose_name': 'line',
                'verbose_name_plural': 'lines',
                'ordering': ['sort_order'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='QuoteQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_answer', models.BooleanField(default=False)),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('text', models.TextField(verbose_name='text')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('quote', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='wagtail_payments.quote')),
            ],
            options={
                'verbose_name': 'question about a quote',
                'verbose_name_plural': 'questions about quotes',
                'ordering': ['at', 'pk'],
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='QuoteStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=wagtail_payments.records.agreements.quote_step_kinds, max_length=20, verbose_name='kind')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('ip', models.CharField(blank=True, max_length=45)),
                ('agent', models.CharField(blank=True, max_length=200)),
                ('data', models.TextField(default='{}')),
                ('previous', models.CharField(max_length=64)),
                ('sha256', models.CharField(max_length=64)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('quote', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='wagtail_payments.quote')),
            ],
            options={
                'verbose_name': 'step of a quote',
                'verbose_name_plural': 'steps of quotes',
                'ordering': ['quote', 'number'],
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='SigningCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254)),
                ('digest', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('proven_at', models.DateTimeField(null=True)),
                ('slot', models.CharField(max_length=20, null=True, unique=True)),
                ('quote', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='wagtail_payments.quote')),
            ],
            options={
                'verbose_name': 'signing code',
                'verbose_name_plural': 'signing codes',
            },
        ),
        migrations.AddConstraint(
            model_name='quote',
            constraint=models.UniqueConstraint(fields=('family', 'version'), name='wagtail_payments_one_version'),
        ),
        migrations.AddConstraint(
            model_name='quote',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('document', None), ('live_slot', None), ('state', 'draft')), models.Q(models.Q(('state', 'draft'), _negated=True), ('document__isnull', False), ('draft_slot', None), ('valid_until__isnull', False)), _connector='OR'), name='wagtail_payments_sent_quote_has_document'),
        ),
        migrations.AddConstraint(
            model_name='quote',
            constraint=models.CheckConstraint(condition=models.Q(('gross__gte', 0)), name='wagtail_payments_quote_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(('gross__gte', 0)), name='wagtail_payments_agreed_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='quotestep',
            constraint=models.UniqueConstraint(fields=('quote', 'number'), name='wagtail_payments_one_step'),
        ),
    ]
