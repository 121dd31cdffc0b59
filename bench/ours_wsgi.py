"""mock-nicepay as a WSGI application, for a WSGI server: `ours_wsgi:app`."""

from mock_nicepay import create_app

app = create_app(log="quiet")
