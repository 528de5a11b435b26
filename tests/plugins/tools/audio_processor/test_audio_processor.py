"""audio-processor on sounds that FFmpeg made; ffprobe says what it makes of them."""

import json
import os
import re
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from library import Library, Tap  # noqa: E402
import media  # noqa: E402

TOOL = "audio-processor"
TAGS = ("-metadata", "title=A tone", "-metadata", "artist=Somebody", "-metadata", "album=Tones", "-metadata", "genre=Test",
        "-metadata", "date=2024")


def probe(path):
    shown = json.loads(media.run("ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", path))
    stream, tags = shown["streams"][0], {}
    for part in (shown["format"], stream):
        tags.update({key.lower(): value for key, value in part.get("tags", {}).items()})
    return stream["codec_name"], int(stream["sample_rate"]), stream["channels"], float(shown["format"]["duration"]), tags


def make(lib):
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=2")
    for end, codec in (("wav", ()), ("flac", ()), ("mp3", ("-id3v2_version", "3")), ("ogg", ("-c:a", "libvorbis")),
                       ("opus", ("-c:a", "libopus")), ("aiff", ()), ("au", ()), ("caf", ())):
        media.ffmpeg(*tone, "-ac", "2", *codec, *TAGS, lib.path("tone." + end))
    media.ffmpeg("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "1", lib.path("silence.wav"))
    media.ffmpeg("-f", "lavfi", "-i", "aevalsrc=sin(440*2*PI*t)*4:s=8000:d=1", lib.path("clipped.wav"))
    media.ffmpeg("-f", "lavfi", "-i", "aevalsrc=1|0|0|0|0|0:s=96000:d=0.2", "-c:a", "pcm_s24le", lib.path("six.wav"))
    media.ffmpeg(*tone, "-c:a", "aac", lib.path("tone.m4a"))
    lib.put("notes.txt", "no sound\n")
    lib.put("empty.wav", b"")
    lib.put("other-name.mp3", lib.get("tone.flac"))


def test_detect(tap, lib):
    for end, name, mime in (("wav", "wav", "audio/wav"), ("flac", "flac", "audio/flac"), ("mp3", "mp3", "audio/mpeg"),
                            ("ogg", "ogg", "audio/ogg"), ("opus", "opus", "audio/ogg"), ("aiff", "aiff", "audio/aiff"),
                            ("au", "au", "audio/basic"), ("caf", "caf", "audio/x-caf")):
        result = lib.call(TOOL, operation="detect", path="tone." + end)
        tap.equal(f"detect {end}", (result["format"], result["mime_type"], result["name_fits"]), (name, mime, True))
    tap.equal("detect by the content", lib.call(TOOL, operation="detect", path="other-name.mp3"),
              {"operation": "detect", "path": "other-name.mp3", "format": "flac", "mime_type": "audio/flac",
               "size": len(lib.get("tone.flac")), "name_fits": False})
    unknown = (" is no sound in a format that is known here, by its first bytes; give a WAV, FLAC, Ogg, MP3, AIFF, AU or "
               "CAF file; for MP4, M4A, MKV and WebM take video-processor")
    tap.equal("detect of a text", lib.fails(TOOL, operation="detect", path="notes.txt"), "notes.txt" + unknown)
    tap.equal("metadata of an M4A", lib.fails(TOOL, path="tone.m4a"), "tone.m4a" + unknown)
    tap.equal("an empty file", lib.fails(TOOL, path="empty.wav"), "empty.wav is empty; give a sound file")
    tap.equal("a folder", lib.fails(TOOL, path="."), ". is a folder, not a file")
    tap.equal("detect writes nothing", lib.fails(TOOL, operation="detect", path="tone.wav", target_path="x.wav"),
              "detect writes nothing; leave target_path out, or take the operation convert")


def test_metadata(tap, lib):
    for end, codec in (("wav", "pcm_16"), ("flac", "pcm_16"), ("mp3", "mp3"), ("ogg", "vorbis"), ("opus", "opus"),
                       ("aiff", "pcm_16"), ("au", "pcm_16"), ("caf", "pcm_16")):
        result = lib.call(TOOL, path="tone." + end)
        rate = 48000 if end == "opus" else 44100
        tap.equal(f"metadata of {end}", (result["codec"], result["sample_rate"], result["channels"],
                                         1.99 <= result["duration_s"] <= 2.1), (codec, rate, 2, True))
    for end in ("wav", "flac", "mp3", "ogg"):
        tags = lib.call(TOOL, path="tone." + end)["tags"]
        tap.equal(f"tags of {end}", (tags.get("title"), tags.get("artist"), tags.get("album"), tags.get("genre"),
                                     tags.get("year")), ("A tone", "Somebody", "Tones", "Test", "2024"))
    size = len(lib.get("tone.wav"))
    tap.check("bitrate", abs(lib.call(TOOL, path="tone.wav")["bitrate"] - size * 4) < 8)
    tap.equal("without a path", lib.fails(TOOL), "there is no sound to work on; give path")
    tap.equal("by the old name of the argument", lib.call(TOOL, file_path="tone.wav")["path"], "tone.wav")
    tap.equal("two paths", lib.fails(TOOL, path="a", source_path="b"), "path and source_path differ; give one of them")


def test_opus_in_ogg(tap, lib):
    lib.put("speech.ogg", lib.get("tone.opus"))
    found = lib.call(TOOL, operation="detect", path="speech.ogg")
    tap.equal("Opus in a file .ogg", (found["format"], found["name_fits"]), ("opus", True))


def loudness(path):
    """As the filter of FFmpeg measures it: integrated, range, true peak."""
    told = subprocess.run(["ffmpeg", "-nostdin", "-i", path, "-af", "ebur128=peak=true", "-f", "null", "-"],
                          capture_output=True, text=True, check=True).stderr.rsplit("Summary:", 1)[1]
    return [float(re.search(pattern, told)[1]) for pattern in (r"I: +(\S+) LUFS", r"LRA: +(\S+) LU", r"Peak: +(\S+) dBFS")]


def test_loudness(tap, lib):
    media.ffmpeg("-f", "lavfi", "-i", "aevalsrc='0.5*sin(997*2*PI*t)*(0.1+0.9*gt(mod(t,10),5))|0.2*sin(1500*2*PI*t)':s=48000:d=20",
                 lib.path("loud.wav"))
    for name in ("loud.wav", "tone.mp3"):
        result = lib.call(TOOL, operation="measure", path=name)
        got = [result[key] for key in ("loudness_lufs", "loudness_range_lu", "true_peak_dbtp")]
        tap.check(f"loudness of {name} is that of FFmpeg",
                  all(abs(a - b) <= 0.25 for a, b in zip(got, loudness(lib.path(name)))), f"{got} {loudness(lib.path(name))}")
    silence = lib.call(TOOL, operation="measure", path="silence.wav")
    tap.equal("silence has none", ("loudness_lufs" in silence, silence["true_peak_dbtp"]), (False, -150))


def test_rate(tap, lib):
    for end, rate, codec in (("wav", 16000, "pcm_s16le"), ("flac", 96000, "flac"), ("mp3", 22050, "mp3"), ("ogg", 8000, "vorbis"),
                             ("opus", 48000, "opus")):
        name = f"rate-{rate}.{end}"
        result = lib.call(TOOL, operation="convert", path="tone.wav", target_path=name, sample_rate=rate)
        got = probe(lib.path(name))
        tap.equal(f"{end} at {rate} Hz", (*got[:3], 1.95 <= got[3] <= 2.12, result["sample_rate"]), (codec, rate, 2, True, rate))
        heard = lib.call(TOOL, operation="measure", path=name)["rms_dbfs"]
        tap.check(f"{end} at {rate} Hz is as loud", abs(heard + 24.08) < 0.7, heard)
    exact = lib.call(TOOL, operation="convert", path="tone.wav", target_path="half.wav", sample_rate=22050, start_seconds=0.5,
                     duration_seconds=1)
    tap.check("a part of it", abs(exact["duration_s"] - 1) < 0.002, exact)
    freq = media.run("ffmpeg", "-v", "error", "-i", lib.path("half.wav"), "-ac", "1", "-f", "s16le", "-")
    samples = struct.unpack(f"<{len(freq) // 2}h", freq)
    crossings = sum(1 for a, b in zip(samples, samples[1:]) if a < 0 <= b)
    tap.check("has the same pitch", abs(crossings - 440) <= 2, crossings)
    result = lib.call(TOOL, operation="convert", path="tone.wav", target_path="by-itself.opus")
    tap.equal("opus takes 44100 Hz as 48000", (result["sample_rate"], probe(lib.path("by-itself.opus"))[:2]), (48000, ("opus", 48000)))
    tap.equal("tags go into it, too", lib.call(TOOL, path="by-itself.opus")["tags"].get("title"), "A tone")
    media.ffmpeg("-f", "lavfi", "-i", "sine=sample_rate=96000:duration=1", lib.path("high.wav"))
    tap.equal("mp3 takes 96000 Hz as 48000",
              lib.call(TOOL, operation="convert", path="high.wav", target_path="high.mp3")["sample_rate"], 48000)
    tap.equal("a rate that the format does not take",
              lib.fails(TOOL, operation="convert", path="tone.wav", target_path="x.mp3", sample_rate=96000),
              "mp3 does not take 2 channels at 96000 Hz; take flac, leave sample_rate out, or give mono true if there are too "
              "many channels")
    tap.check("a rate that is none", "sample_rate" in lib.fails(TOOL, operation="convert", path="tone.wav", target_format="wav",
                                                               sample_rate=5))
    plan = lib.call(TOOL, operation="convert", path="tone.wav", target_path="plan.mp3", start_seconds=1.5, sample_rate=16000,
                    dry_run=True)
    tap.equal("a dry run says what would be",
              {key: plan.get(key) for key in ("target_path", "sample_rate", "duration_s", "dry_run", "size")},
              {"target_path": "plan.mp3", "sample_rate": 16000, "duration_s": 0.5, "dry_run": True, "size": None})
    tap.equal("and makes nothing", os.path.exists(lib.path("plan.mp3")), False)


def test_all_tags(tap, lib):
    more = ("-metadata", "track=7", "-metadata", "copyright=Nobody \u00fc")
    for end, first in (("flac", "ogg"), ("ogg", "mp3"), ("mp3", "flac"), ("opus", "flac")):
        media.ffmpeg("-i", lib.path("tone.wav"), *TAGS, *more, lib.path("all." + first))
        lib.call(TOOL, operation="convert", path="all." + first, target_path=f"kept.{end}", overwrite=True)
        before, after = (lib.call(TOOL, path=path)["tags"] for path in ("all." + first, "kept." + end))
        tap.equal(f"tags of {first}", [before.get(key) for key in ("title", "artist", "album", "genre", "year", "track",
                                                                   "copyright")],
                  ["A tone", "Somebody", "Tones", "Test", "2024", "7", "Nobody \u00fc"])
        for tags in (before, after):
            tags.pop("software", None)
            if end == "mp3":
                tags.pop("copyright", None) # libsndfile does not write it there
        tap.equal(f"all of them from {first} to {end}", after, before)


def test_measure(tap, lib):
    result = lib.call(TOOL, operation="measure", path="tone.wav")
    tap.check("measure", abs(result["peak_dbfs"] + 21.07) < 0.1 and abs(result["rms_dbfs"] + 24.08) < 0.1, result)
    tap.equal("and how long", (result["duration_s"], result["clipped_samples"], result["silent"]), (2, 0, False))
    silence = lib.call(TOOL, operation="measure", path="silence.wav")
    tap.equal("silence", (silence["peak_dbfs"], silence["rms_dbfs"], silence["silent"]), (-150, -150, True))
    clipped = lib.call(TOOL, operation="measure", path="clipped.wav")
    tap.check("clipping", clipped["clipped_samples"] > 1000 and clipped["peak_dbfs"] == 0, clipped)
    tap.check("of what is no sound", lib.fails(TOOL, operation="measure", path="notes.txt").startswith("notes.txt is no sound"))


def test_convert(tap, lib):
    for end, codec in (("wav", "pcm_s16le"), ("flac", "flac"), ("ogg", "vorbis"), ("mp3", "mp3")):
        for source in ("flac", "mp3"):
            name = f"from-{source}.{end}"
            result = lib.call(TOOL, operation="convert", path="tone." + source, target_path=name)
            got = probe(lib.path(name))
            tap.equal(f"{source} to {end}", (*got[:3], 1.95 <= got[3] <= 2.12, result["size"]),
                      (codec, 44100, 2, True, len(lib.get(name))))
            tap.equal(f"{source} to {end}: tags", [got[4].get(tag) for tag in ("title", "artist", "album")],
                      ["A tone", "Somebody", "Tones"])
    lib.call(TOOL, operation="convert", path="tone.wav", target_path="same.flac")
    tap.equal("flac keeps all", media.run("ffmpeg", "-v", "error", "-i", lib.path("same.flac"), "-f", "md5", "-"),
              media.run("ffmpeg", "-v", "error", "-i", lib.path("tone.wav"), "-f", "md5", "-"))
    low, high = (lib.call(TOOL, operation="convert", path="tone.wav", target_format="mp3", quality=quality)
                 for quality in (0, 10))
    tap.check("less quality is fewer bytes", low["size"] < high["size"], (low, high))
    content = lib.raw("resources/read", {"uri": low["uri"]})["contents"][0]
    tap.equal("without target_path it is a resource", content["mimeType"], "audio/mpeg")
    lib.call(TOOL, operation="convert", path="tone.wav", target_path="part.wav", start_seconds=0.5, duration_seconds=0.25,
             mono=True, keep_tags=False)
    codec, rate, channels, duration, tags = probe(lib.path("part.wav"))
    tap.equal("a part, in mono, without tags", (rate, channels, duration, "title" in tags), (44100, 1, 0.25, False))
    lib.call(TOOL, operation="convert", path="six.wav", target_path="six.flac")
    tap.equal("six channels of 24 bits", probe(lib.path("six.flac"))[:3], ("flac", 96000, 6))
    tap.equal("which MP3 does not take", lib.fails(TOOL, operation="convert", path="six.wav", target_path="six.mp3"),
              "mp3 does not take 6 channels at 48000 Hz; take flac, leave sample_rate out, or give mono true if there are too "
              "many channels")
    tap.equal("to what", lib.fails(TOOL, operation="convert", path="tone.wav"),
              "convert needs target_format, or a target_path that ends in .wav, .flac, .ogg, .mp3 or .opus")
    tap.equal("to AIFF", lib.fails(TOOL, operation="convert", path="tone.wav", target_path="x.aiff"),
              "aiff cannot be written; take wav, flac, ogg, mp3 or opus")
    tap.equal("name and format differ",
              lib.fails(TOOL, operation="convert", path="tone.wav", target_path="x.mp3", target_format="wav"),
              "target_path ends as a file of mp3, but target_format is wav; change one of them")
    tap.equal("behind the end", lib.fails(TOOL, operation="convert", path="tone.wav", target_path="x.wav", start_seconds=3),
              "start_seconds is 3.000, but tone.wav lasts 2.000 s; give less")
    tap.equal("what is there stays", lib.fails(TOOL, operation="convert", path="tone.wav", target_path="part.wav"),
              "part.wav exists already; give overwrite true to replace it, or another path")
    plan = lib.call(TOOL, operation="convert", path="tone.wav", target_path="plan.ogg", dry_run=True)
    tap.equal("a dry run", plan, {"operation": "convert", "path": "tone.wav", "format": "ogg", "mime_type": "audio/ogg",
                                  "sample_rate": 44100, "channels": 2, "source_format": "wav", "duration_s": 2,
                                  "target_path": "plan.ogg", "dry_run": True})
    tap.check("writes nothing", not os.path.exists(lib.path("plan.ogg")))


def test_long(tap, lib):
    media.ffmpeg("-f", "lavfi", "-i", "anoisesrc=d=120:r=44100:a=0.3", lib.path("noise.wav"))
    tap.equal("too much to keep", lib.fails(TOOL, operation="convert", path="noise.wav", target_format="wav"),
              "the result has more than 8388608 bytes, the most that is kept without target_path; give target_path, a part "
              "by start_seconds and duration_seconds, or take mp3")
    lib.call(TOOL, operation="convert", path="noise.wav", target_path="noise.mp3")
    done = [report["progress"] for report in lib.progress if report.get("message") == "seconds"]
    tap.check("long work tells how far it is", done and done == sorted(done) and done[-1] <= 120, lib.progress)


def main():
    with Tap() as tap:
        lost = media.missing("ffmpeg", "ffprobe")
        if lost:
            tap.skip("audio-processor", f"the program {lost} is not installed")
            return
        with Library(sys.argv[1]) as lib:
            make(lib)
            for test in (test_detect, test_metadata, test_opus_in_ogg, test_measure, test_loudness, test_convert, test_rate,
                         test_all_tags, test_long):
                test(tap, lib)


main()
