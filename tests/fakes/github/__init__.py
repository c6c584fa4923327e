"""A stateful model of GitHub over HTTP: see `server.GithubDouble`."""
