"""Process mains. No logic lives here: what they do is in `app`."""
