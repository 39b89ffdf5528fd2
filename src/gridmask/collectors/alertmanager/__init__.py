"""Alertmanager, which tells of alerts that fire and of alerts that are over: it calls a webhook, and is not asked.

The form is that of its webhooks, version 4: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config.
"""
