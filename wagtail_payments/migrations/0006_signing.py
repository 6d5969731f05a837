"""Who signs a quote before the code was proven, the right to withdraw, and withdrawals; only additions."""

import django.db.models.deletion
import wagtail_payments.records.exemptions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('wagtail_payments', '0005_quotes'),
    ]

    operations = [
        migrations.AddField(
            model_name='quote',
            name='no_withdrawal',
            field=models.CharField(blank=True, choices=wagtail_payments.records.exemptions.withdrawal_rules, default='', help_text='For private persons who sign online. An exception is printed with its reason.', max_length=20, verbose_name="a private person's right to withdraw"),
        ),
        migrations.AddField(
            model_name='signingcode',
            name='chosen',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='signingcode',
            name='name',
            field=models.CharField(default='', max_length=200),
        ),
        migrations.AddField(
            model_name='signingcode',
            name='role',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.CreateModel(
            name='Withdrawal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                ('statement', models.TextField(verbose_name='statement')),
                ('sha256', models.CharField(max_length=64)),
                ('at', models.DateTimeField(verbose_name='at')),
                ('ip', models.CharField(blank=True, max_length=45)),
                ('agent', models.CharField(blank=True, max_length=200)),
                ('quote', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='withdrawal', to='wagtail_payments.quote')),
            ],
            options={
                'verbose_name': 'withdrawal',
                'verbose_name_plural': 'withdrawals',
                'ordering': ['-pk'],
                'base_manager_name': 'objects',
            },
        ),
    ]
