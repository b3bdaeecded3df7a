"""Routes of the style guide."""

from django.urls import path

from chengxin.design.styleguide import styleguide

urlpatterns = [path("styleguide", styleguide, name="styleguide")]
