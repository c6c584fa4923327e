"""`gateline demo`: a real line from push to approved deploy, on this machine, in under a minute. `tour` tells it, `story` does it."""
