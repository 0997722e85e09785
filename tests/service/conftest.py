"""What tests of the service share."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from hook_requests import shared_client


@pytest.fixture
def client() -> FlaskClient:
    """A client of the service in its default profile, on the day of the tests."""
    return shared_client()
