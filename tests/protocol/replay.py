"""Plays the transcripts against the built server.

usage: replay.py HEXMCP [TRANSCRIPT...]
       replay.py HEXMCP --update TRANSCRIPT...   rewrites their expected lines as what came
"""

import concurrent.futures
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tools"))

import fits  # noqa: E402
import laws  # noqa: E402
from conversation import Conversation, Mismatch  # noqa: E402
from recording import Recording  # noqa: E402
from tap import Tap  # noqa: E402
from transcript import Malformed, Transcript, load  # noqa: E402

AT_ONCE = 4


def played(transcript, revision, program, schemas):
    """What was wrong, or an empty text."""
    conversation = Conversation(transcript, revision, program)
    try:
        conversation.play()
    except (Mismatch, Malformed, BrokenPipeError) as problem:
        return str(problem)
    found = laws.broken(conversation)
    if not schemas.why_not:
        found += fits.complaints(schemas, conversation)
    return "\n".join(found)


def broken():
    with open(os.path.join(HERE, "rules.json"), encoding="utf-8") as file:
        return {one["transcript"]: one["why"] for one in json.load(file)["broken"]}


def report(tap, transcript, revision, problem, known):
    name = f"{revision}: {transcript.name}"
    if transcript.name in known:
        tap.check(f"{name} fails as known: {known[transcript.name]}", problem,
                  "it passes now: take it off `broken` in rules.json")
        return
    tap.check(name, not problem, problem)


def check(program, transcripts):
    schemas, known = fits.Schemas(), broken()
    with Tap() as tap:
        if schemas.why_not:
            tap.skip("every line fits the schema of its revision", schemas.why_not)
        jobs = [(one, revision) for one in transcripts for revision in one.revisions]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            found = pool.map(lambda job: played(*job, program, schemas), jobs)
            for (transcript, revision), problem in zip(jobs, found):
                report(tap, transcript, revision, problem, known)


def rewrite(program, transcript):
    if transcript.name in broken():
        print(f"{transcript.path}: left as it is: the server is wrong there, not the transcript",
              file=sys.stderr)
        return
    recording = Recording(transcript, transcript.revisions[0], program)
    try:
        recording.play()
    except (Mismatch, Malformed) as problem:
        print(f"{transcript.path}: {problem}", file=sys.stderr)
    with open(transcript.path, "w", encoding="utf-8") as file:
        file.write(recording.text())


def update(program, transcripts):
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda one: rewrite(program, one), transcripts))


def main():
    program, names = os.path.abspath(sys.argv[1]), sys.argv[2:]
    if names[:1] == ["--update"]:
        return update(program, [Transcript(name) for name in names[1:]])
    transcripts = [Transcript(name) for name in names]
    return check(program, transcripts or load(os.path.join(HERE, "transcripts")))


if __name__ == "__main__":
    main()
