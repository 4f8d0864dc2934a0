"""The one address."""

from django.urls import path

from bench.plain import views

urlpatterns = [path("C/<str:text>", views.scan)]
