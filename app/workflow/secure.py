"""`secure:` texts: what is encrypted are key-values on one line, `K=V K2="v 2"` (spec/workflow-language.md section 7)."""

from __future__ import annotations

import shlex
from base64 import b64decode
from binascii import Error
from collections.abc import Mapping

from app.workflow.plan import Sealed
from app.workflow.variables import is_name, is_reserved, stripped

BLOCK = 256
"""Bytes of one block of ciphertext: the keys are RSA-2048."""


def pairs(text: str) -> dict[str, str]:
    """The key-values of a decrypted text; quotes keep blanks together, nothing escapes. Raises ValueError, telling no value."""
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
    try:
        words = list(lexer)
    except ValueError:
        raise ValueError("a quote is opened and not closed") from None
    found = {}
    for number, word in enumerate(words, 1):
        key, equals, value = word.partition("=")
        if not (equals and stripped(key)):
            raise ValueError(f'item {number} is no KEY=VALUE; write blanks in quotes, as in KEY="two words"')
        found[key] = value
    if not found:
        raise ValueError("there is no KEY=VALUE in it")
    return found


def ciphertext(text: str) -> bytes:
    """The blocks that `text` holds in base64. Raises ValueError when it holds none."""
    try:
        blocks = b64decode("".join(text.split()), validate=True)
    except Error:
        raise ValueError("it is not base64") from None
    if not blocks or len(blocks) % BLOCK:
        raise ValueError(f"it has {len(blocks)} bytes, which is no whole number of blocks of {BLOCK}")
    return blocks


def variables(sealed: Sealed, values: Mapping[str, str]) -> dict[str, str]:
    """What a script sees of the decrypted `values`: each key as it is, where it may be given that name, and behind the prefix."""
    named = {stripped(key): value for key, value in values.items()}
    found = {key: value for key, value in named.items() if is_name(key) and not is_reserved(key)}
    return found | ({f"{sealed.prefix}{key.upper()}": value for key, value in named.items()} if sealed.prefix else {})
