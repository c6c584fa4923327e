"""Does what people ask, wherever they ask it: comments, API, command line and pages all come through `obey`.

For each call: the job that is meant, the forge's word on what this person may do there now, the command read against the line, `react`,
the audit log, an answer. Rights are asked outside every lock and before deciding; no answer of the forge means no.
"""

from app.obey._asked import Asked, Reply, Verdict
from app.obey._hear import hear
from app.obey._obey import commands, obey
from app.obey._reviews import count_reviews

__all__ = ["Asked", "Reply", "Verdict", "commands", "count_reviews", "hear", "obey"]
