"""mock-nicepay through its WSGI door, for a WSGI server: `ours_wsgi:app`."""

from mock_nicepay import create_app

app = create_app(log="quiet")
