"""Addresses of the logbook."""

from django.urls import path

from .views import LogbookView

app_name = "logbook"
urlpatterns = [path("", LogbookView.as_view(), name="entries")]
