"""Measures recorded calls by their sound alone, sharing no code with Parley: `python3 read_calls.py FOLDER`.

Of each NAME.wav (16 bit, the caller left, the agent right) and NAME.jsonl (what the caller did, one stretch a line) it prints one
line of JSON: first sounds, gaps, yields and talk-overs, in milliseconds. Sound is over -42 dB of full scale; it is looked for in
steps of 5 ms, so that every number is right to 10 ms. Standard library only.
"""

import array
import json
import os
import sys
import wave

STEP_MS = 5
AUDIBLE = 260
FINEST_MS = 20
JOINED_MS = 200


def runs(samples, rate):
    """Where one channel sounds: [from, to) in milliseconds."""
    size = rate * STEP_MS // 1000
    found = []
    for start in range(0, len(samples), size):
        block = samples[start : start + size]
        if max(block) < AUDIBLE and min(block) > -AUDIBLE:
            continue
        at = start * 1000.0 / rate
        end = at + STEP_MS
        if found and at - found[-1][1] < FINEST_MS:
            found[-1][1] = end
        else:
            found.append([at, end])
    return found


def join(pieces, gap):
    joined = []
    for start, end in pieces:
        if joined and start - joined[-1][1] < gap:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    return joined


def measure(agent, caller):
    speech = join(agent, JOINED_MS)
    said = [one for one in caller if one["kind"] == "utterance"]
    first, gaps, yields, over = [], [], [], []
    for number, one in enumerate(said):
        start, end = one["fromMs"], one["toMs"]
        following = said[number + 1]["fromMs"] if number + 1 < len(said) else float("inf")
        for piece in speech:
            if piece[0] < start - STEP_MS and piece[1] > start + STEP_MS:
                yields.append(piece[1] - start)
            if start < piece[0] < end:
                over.append(min(piece[1], end) - piece[0])
        if any(piece[0] < end - STEP_MS and piece[1] > end + STEP_MS for piece in speech):
            first.append("overlapped")
        else:
            later = [piece[0] - end for piece in speech if end - STEP_MS <= piece[0] < following]
            first.append(later[0] if later else "none")
        own = [piece for piece in agent if end - STEP_MS <= piece[0] < following]
        gaps += [own[at + 1][0] - own[at][1] for at in range(len(own) - 1)]
    return {"firstSound": first, "gaps": gaps, "yields": yields, "talkOvers": over}


def read(folder, name):
    with wave.open(os.path.join(folder, name + ".wav"), "rb") as file:
        rate = file.getframerate()
        samples = array.array("h", file.readframes(file.getnframes()))
    if sys.byteorder == "big":
        samples.byteswap()
    with open(os.path.join(folder, name + ".jsonl"), encoding="utf-8") as lines:
        caller = [json.loads(line) for line in lines if line.strip()]
    return measure(runs(samples[1::2], rate), caller)


for entry in sorted(os.listdir(sys.argv[1])):
    if entry.endswith(".wav"):
        print(json.dumps({"name": entry[:-4], **read(sys.argv[1], entry[:-4])}))
