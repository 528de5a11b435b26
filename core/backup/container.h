/*
 * The file of a backup (docs/backup.md has its format). Bytes in memory alone: who uses it reads and
 * writes the file.
 *
 *   "HEXMCPBK", format, length of the header, header (JSON), BLAKE3 of all that
 *   frames: kind, flags, stored bytes, bytes, BLAKE3 of the frame, stored bytes
 *   the last frame is the end; behind it the length of its bytes, and BLAKE3 of the file before
 *
 * Numbers are little-endian. Frames are compressed where that helps, and sealed with a key if the
 * backup is encrypted; the header and the end are not.
 *
 * [any] One thread at a time.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/digest/blake3.h"
#include "ports/driven/codec.h"
#include "ports/driven/stream_cipher.h"

#define CONTAINER_FORMAT 1u
#define CONTAINER_HEADER_MAX ((size_t)65536)

/* Before compression. */
#define CONTAINER_FRAME_MAX ((size_t)32 << 20)

enum frame_kind {
    FRAME_RECORDS = 'R',
    FRAME_PRINTS = 'P',  /* fingerprints of what was there at the moment (prints.h)               */
    FRAME_SUMMARY = 'S', /* what the end says, sealed                                             */
    FRAME_END = 'E',     /* JSON                                                                  */
};

struct container_writer {
    const struct codec_port *codec;
    const struct stream_cipher_port *cipher;
    struct stream_cipher *stream; /* NULL: not encrypted */
    struct blake3 whole;
    uint8_t header_digest[BLAKE3_BYTES];
    struct buffer out;            /* what is to be written next; the user empties it */
    struct buffer scratch;
};

/* Writes the header. With `stream` the frames are sealed by it; it is borrowed. */
int container_begin(struct container_writer *w, const struct codec_port *codec,
                    const struct stream_cipher_port *cipher, struct stream_cipher *stream,
                    struct str header, struct error *err);
int container_frame(struct container_writer *w, enum frame_kind kind, struct str bytes,
                    struct error *err);
/* Writes summary and end. */
int container_end(struct container_writer *w, struct str summary, struct error *err);
void container_writer_clear(struct container_writer *w);

/* Where a container is read from: exactly `len` bytes at `offset`, which lie in it. */
struct container_source {
    void *arg;
    uint64_t size;
    int (*read)(void *arg, uint64_t offset, void *out, size_t len, struct error *err);
};

struct container_reader {
    struct container_source source;
    const struct codec_port *codec;
    const struct stream_cipher_port *cipher;
    struct stream_cipher *stream; /* of container_unlock(); freed by container_reader_clear() */
    struct blake3 whole;
    uint8_t header_digest[BLAKE3_BYTES];
    uint64_t at;
    struct buffer header;  /* JSON */
    struct buffer stored, opened, bytes;
    bool summed, ended;
    uint8_t summary[BLAKE3_BYTES];
};

/* Reads the header. ST_INVALID: no backup, or a damaged one; ST_UNSUPPORTED: of a newer format. */
int container_open(struct container_reader *r, const struct container_source *source,
                   const struct codec_port *codec, const struct stream_cipher_port *cipher,
                   struct error *err);

/* Opens sealed frames from here on. */
int container_unlock(struct container_reader *r, const uint8_t key[STREAM_KEY_BYTES],
                     const uint8_t start[STREAM_START_BYTES], struct error *err);

/* The next frame; *bytes are borrowed until the next call. After FRAME_END, whose bytes are the
 * summary, the whole file is known to be as it was written. ST_INVALID: damaged, or cut off;
 * ST_DENIED: it was sealed with another key. */
int container_next(struct container_reader *r, enum frame_kind *kind, struct str *bytes,
                   struct error *err);
void container_reader_clear(struct container_reader *r);

/* Appends what the end of the file says, which is found from behind; nothing is checked. */
int container_summary(const struct container_source *source, struct buffer *out, struct error *err);

/* Records in a FRAME_RECORDS. */
void record_append(struct buffer *out, struct str json, struct str bytes);
/* Takes the next one off *rest. False: it is not whole. */
bool record_next(struct str *rest, struct str *json, struct str *bytes);
