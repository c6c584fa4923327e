"""The sentences in which commands are answered and refused. GitHub-flavoured Markdown, readable as plain text too.

Whatever comes from elsewhere stands in inline code (`code`) or is made harmless (`quiet`): no mention, no Markdown, no line that
begins with a slash, which GitLab would execute with the bot's rights.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.workflow.markdown import ZERO_WIDTH, code

UNCLOSED_QUOTE = "A quotation mark is not closed."
HIDDEN_WORD = "A part of it is inline code, HTML or a link, which are not read: type it without."
NEEDS_DIGEST = "An approval that is not typed below the announcement has to name the candidate by its digest."
BOTH_CLOCKS = "It was announced less than 2 seconds before you answered, so it cannot be what you had read."
NO_ANSWER = "The forge did not say what you may do here, and no answer means no. Try again in a while."
EDITED = "A command of this comment was acted on already, at this place: write the new one as a new comment."


def quiet(sentence: str) -> str:
    """A sentence made elsewhere, on one line, without mentions, HTML or code that could run on."""
    text = " ".join(sentence.split()).replace("<", "&lt;").replace("[", "\\[").replace("`", "'").replace("@", f"@{ZERO_WIDTH}")
    return f"{ZERO_WIDTH}{text}" if text.startswith(("/", "#", ">", "-", "+", "*")) else text


def listed(names: Iterable[str], most: int = 10) -> str:
    """Names as inline code with commas, the last behind "and"; those over `most` as a number."""
    known = [code(name) for name in names]
    shown = known if len(known) <= most else [*known[:most], f"{len(known) - most} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "none"


# -- whole replies -------------------------------------------------------------------------------------------------------


def reply(line: str, accepted: bool, sentence: str, suggested: str = "") -> str:
    """What a comment gets: the command quoted, the answer or the reason, and what to type."""
    head = f"{'' if accepted else 'Not done: '}{code(line)}"
    tail = f"\n\nTo type: {code(suggested)}" if suggested else ""
    return f"{head}\n\n{sentence}{tail}"


# -- mistakes --------------------------------------------------------------------------------------------------------------


def unknown_verb(verb: str, nearest: str) -> str:
    if not verb:
        return "That is only my name: say what to do."
    return f"There is no command {code(verb)}." + (f" Did you mean {code(nearest)}?" if nearest else "")


def missing(verb: str, word: str) -> str:
    return f"{code(verb)} needs {word}."


def left_over(verb: str, word: str, quotable: bool) -> str:
    hint = " A name with blanks in it goes in quotation marks; a reason goes behind ` -- `." if quotable else ""
    return f"{code(verb)} does not take {code(word)}.{hint}"


def too_many(most: int) -> str:
    return f"A comment may hold {most} commands: this and what follows was not read."


# -- jobs and rights -------------------------------------------------------------------------------------------------------


def unknown_job(typed: str, alike: Sequence[str]) -> str:
    return f"There is no job {code(typed)}." + (f" Did you mean {listed(alike)}?" if alike else "")


def ambiguous_job(typed: str, names: Sequence[str]) -> str:
    return f"{code(typed)} could be {listed(names)}: spell it as one of them."


def needs_right(right: str, jobs: Sequence[str], repository: str) -> str:
    """`right` is what is wanted, as in "write access"; `repository` "" when it may not be named."""
    where = f" to {code(repository)}, where {listed(jobs)} is defined" if repository else f" for {listed(jobs)}"
    return f"That needs {right}{where}; you do not have it now."


def not_an_approver(job: str, names: Sequence[str]) -> str:
    who = f" Its approvers are {listed(names)}, with at least triage access now." if names else " Nobody is named as one."
    return f"You are not among those who may answer for the gate of {code(job)}.{who}"


def also_refused(jobs: Sequence[str]) -> str:
    return f"Left alone, as it is not yours to decide: {listed(jobs)}."


NEEDS_COMMIT = "That is about a commit: say it on a commit or a pull request, or name a job that has run for one."
MAY_NOT_READ = "That is for people with triage access to this repository, and for the author of the pull request."
MAY_NOT_ADMIT = "That needs write access to this repository; you do not have it now."
NONE_IS_YOURS = "None of the jobs found here is yours to decide."
LESS_VISIBLE = "Its source has fewer readers than this conversation: ask there, or on the command line."


# -- gates -----------------------------------------------------------------------------------------------------------------


def no_gate(job: str) -> str:
    return f"{code(job)} has no gate, and nothing of it is ready by hand."


def nothing_waits(job: str) -> str:
    return f"Nothing waits at the gate of {code(job)}."


def bad_hex(name: str, typed: str, least: int) -> str:
    return f"{code(typed)} is no {name}: it takes at least {least} hexadecimal digits."


def which_candidate(job: str, shorts: Sequence[str]) -> str:
    return f"At the gate of {code(job)} wait {listed(shorts)}: name the one that you mean."


def not_announced_here(job: str) -> str:
    return f"What waits at the gate of {code(job)} was not announced in this conversation. {NEEDS_DIGEST}"


def too_soon(job: str) -> str:
    return f"What waits at the gate of {code(job)} is newer than what you could have read. {BOTH_CLOCKS}"


def superseded(job: str, short: str, newer: str, changes: Sequence[str]) -> str:
    what = f" What is different: {'; '.join(quiet(change) for change in changes)}." if changes else ""
    return f"{code(short)} of {code(job)} is superseded by {code(newer)}; approvals do not carry over.{what}"


def candidate_over(job: str, short: str, state: str, reason: str) -> str:
    return f"{code(short)} of {code(job)} is {state} already{': ' + quiet(reason) if reason else ''}."


OTHER_DEFINITION = "the job's definition"


def other_version(name: str, was: int, now: int) -> str:
    return f"{name} ({was or 'nothing'} before, {now or 'nothing'} now)"


def other_value(name: str) -> str:
    return f"the value of {name}"


def unknown_digest(job: str, typed: str) -> str:
    return f"No candidate of {code(job)} has a digest that begins with {code(typed)}."


# -- other verbs -----------------------------------------------------------------------------------------------------------


def bad_name(name: str) -> str:
    return f"{code(name)} is no name of a variable: letters, digits and underscores, no digit first."


def forbidden_name(name: str) -> str:
    return f"{code(name)} may not be set from outside: it would change how the run's shell or Gateline itself works."


def twice(name: str) -> str:
    return f"{code(name)} is given twice."


def bad_value(name: str) -> str:
    return f"The value of {code(name)} is longer than 4,096 characters or holds a character that no variable can."


def nothing_failed(job: str) -> str:
    return f"Nothing of {code(job) if job else 'this line'} has failed for this commit: `retry` runs only what failed."


def nothing_to_cancel(job: str) -> str:
    return f"Everything of {code(job) if job else 'this commit'} is final already."


def no_input(job: str, resource: str, inputs: Sequence[str]) -> str:
    return f"{code(resource)} is no IN of {code(job)}, which has {listed(inputs)}."


def no_consent(resource: str, repository: str) -> str:
    return (
        f"{code(resource)} belongs to another source. To pin it from {code(repository)}, its definition has to say "
        f"{code(f'accepts: [{repository}]')}."
    )


def paused(job: str, already: bool) -> str:
    return f"{code(job)} is {'already ' if already else ''}paused, in the whole account: no automatic runs until it is resumed."


def resumed(job: str, already: bool) -> str:
    return f"{code(job)} is not paused." if already else f"{code(job)} runs automatically again, in the whole account."


def pinned(job: str, resource: str, version: str) -> str:
    return f"Runs of {code(job)} take version {code(version)} of {code(resource)}, in the whole account, until it is unpinned."


def unpinned(job: str, resource: str, already: bool) -> str:
    if already:
        return f"{code(resource)} is not pinned for {code(job)} by anybody (pins in the workflow file stay)."
    return f"Runs of {code(job)} take the latest version of {code(resource)} again, in the whole account."


NEEDS_PULL_REQUEST = "`allow` is about the commit of a pull request: say it there."


def allow_which(head: str, stale: bool) -> str:
    why = "The head has moved since you read it." if stale else "Name the commit, so that nothing newer slips in."
    return f"{why} The head now is {code(head)}: look at what it changes before you admit it."
