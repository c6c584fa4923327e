"""The product with its real processes: gunicorn, RQ workers, the clock and Valkey, over HTTP, against doubles of GitHub and Slack."""
