#include "core/backup/container.h"

#include <string.h>

#include "core/base/str.h"

#define MAGIC "HEXMCPBK"
#define MAGIC_LEN 8u
#define PREFIX_LEN (MAGIC_LEN + 8u)
#define FRAME_LEN 10u /* kind, flags, stored, bytes */
#define TAIL_LEN 4u /* behind the end: the length of its bytes, to find them from behind */
#define FLAG_COMPRESSED 1u
#define FLAG_SEALED 2u

static void put_u32(char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(value >> (8 * i) & 255);
}

static uint32_t get_u32(const char *at)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value |= (uint32_t)(unsigned char)at[i] << (8 * i);
    return value;
}

void record_append(struct buffer *out, struct str json, struct str bytes)
{
    char lengths[8];
    put_u32(lengths, (uint32_t)json.len);
    put_u32(lengths + 4, (uint32_t)bytes.len);
    buffer_add(out, lengths, sizeof(lengths));
    buffer_add_str(out, json);
    buffer_add_str(out, bytes);
}

bool record_next(struct str *rest, struct str *json, struct str *bytes)
{
    if (rest->len < 8)
        return false;
    size_t first = get_u32(rest->ptr), second = get_u32(rest->ptr + 4), left = rest->len - 8;
    if (first > left || second > left - first)
        return false;
    *json = (struct str){rest->ptr + 8, first};
    *bytes = (struct str){rest->ptr + 8 + first, second};
    *rest = (struct str){rest->ptr + 8 + first + second, left - first - second};
    return true;
}

/* ---- writing ---- */

static void emit(struct container_writer *w, const void *data, size_t len)
{
    buffer_add(&w->out, data, len);
    blake3_update(&w->whole, data, len);
}

static int room(const struct container_writer *w, struct error *err)
{
    return buffer_failed(&w->out) || buffer_failed(&w->scratch)
               ? error_set(err, ST_NOMEM, "out of memory")
               : ST_OK;
}

int container_begin(struct container_writer *w, const struct codec_port *codec,
                    const struct stream_cipher_port *cipher, struct stream_cipher *stream,
                    struct str header, struct error *err)
{
    char prefix[PREFIX_LEN];
    memset(w, 0, sizeof(*w));
    w->codec = codec;
    w->cipher = cipher;
    w->stream = stream;
    blake3_init(&w->whole);
    if (header.len > CONTAINER_HEADER_MAX)
        return error_set(err, ST_TOO_LARGE, "the header of a backup is too large");
    memcpy(prefix, MAGIC, MAGIC_LEN);
    put_u32(prefix + MAGIC_LEN, CONTAINER_FORMAT);
    put_u32(prefix + MAGIC_LEN + 4, (uint32_t)header.len);
    emit(w, prefix, sizeof(prefix));
    emit(w, header.ptr, header.len);
    blake3_final(&w->whole, w->header_digest);
    emit(w, w->header_digest, sizeof(w->header_digest));
    return room(w, err);
}

static void frame_digest(const char head[FRAME_LEN], struct str stored, uint8_t digest[BLAKE3_BYTES])
{
    struct blake3 hash;
    blake3_init(&hash);
    blake3_update(&hash, head, FRAME_LEN);
    blake3_update(&hash, stored.ptr, stored.len);
    blake3_final(&hash, digest);
}

/* What a sealed frame must stand beside: its own head, and the header of the file. */
static struct str beside(const char head[FRAME_LEN], const uint8_t header_digest[BLAKE3_BYTES],
                         char out[FRAME_LEN + BLAKE3_BYTES])
{
    memcpy(out, head, FRAME_LEN);
    memcpy(out + FRAME_LEN, header_digest, BLAKE3_BYTES);
    return (struct str){out, FRAME_LEN + BLAKE3_BYTES};
}

/* The bytes of w->scratch are two halves: compressed, sealed. */
static int pack(struct container_writer *w, enum frame_kind kind, struct str bytes, bool last,
                char head[FRAME_LEN], struct str *stored, struct error *err)
{
    char with[FRAME_LEN + BLAKE3_BYTES];
    size_t len;
    unsigned flags = 0;
    int rc = ST_OK;
    buffer_reset(&w->scratch, CONTAINER_FRAME_MAX);
    if (!buffer_reserve(&w->scratch, 2 * bytes.len + STREAM_MORE_BYTES + 1))
        return error_set(err, ST_NOMEM, "out of memory");
    char *squeezed = w->scratch.data, *sealed = w->scratch.data + bytes.len;
    *stored = bytes;
    if (bytes.len > 64 && kind != FRAME_END) {
        rc = w->codec->compress(w->codec->ctx, bytes, squeezed, bytes.len - 1, &len, err);
        if (rc && rc != ST_TOO_LARGE)
            return rc;
        flags |= rc ? 0 : FLAG_COMPRESSED;
        if (!rc)
            *stored = (struct str){squeezed, len};
    }
    bool seal = w->stream && kind != FRAME_END;
    flags |= seal ? FLAG_SEALED : 0;
    head[0] = (char)kind;
    head[1] = (char)flags;
    put_u32(head + 2, (uint32_t)(stored->len + (seal ? STREAM_MORE_BYTES : 0)));
    put_u32(head + 6, (uint32_t)bytes.len);
    if (!seal)
        return ST_OK;
    rc = w->cipher->seal(w->stream, *stored, beside(head, w->header_digest, with), last, sealed, err);
    *stored = (struct str){sealed, stored->len + STREAM_MORE_BYTES};
    return rc;
}

static int frame(struct container_writer *w, enum frame_kind kind, struct str bytes, bool last,
                 struct error *err)
{
    char head[FRAME_LEN];
    uint8_t digest[BLAKE3_BYTES];
    struct str stored;
    if (bytes.len > CONTAINER_FRAME_MAX)
        return error_set(err, ST_TOO_LARGE, "%zu bytes are too many for a part of a backup", bytes.len);
    int rc = pack(w, kind, bytes, last, head, &stored, err);
    if (rc)
        return rc;
    frame_digest(head, stored, digest);
    emit(w, head, sizeof(head));
    emit(w, digest, sizeof(digest));
    emit(w, stored.ptr, stored.len);
    return room(w, err);
}

int container_frame(struct container_writer *w, enum frame_kind kind, struct str bytes,
                    struct error *err)
{
    return frame(w, kind, bytes, false, err);
}

int container_end(struct container_writer *w, struct str summary, struct error *err)
{
    uint8_t digest[BLAKE3_BYTES];
    char length[TAIL_LEN];
    int rc = frame(w, FRAME_SUMMARY, summary, true, err);
    if (!rc)
        rc = frame(w, FRAME_END, summary, true, err);
    if (rc)
        return rc;
    put_u32(length, (uint32_t)summary.len);
    emit(w, length, sizeof(length));
    blake3_final(&w->whole, digest);
    emit(w, digest, sizeof(digest));
    return room(w, err);
}

void container_writer_clear(struct container_writer *w)
{
    buffer_clear(&w->out);
    buffer_clear(&w->scratch);
}

/* ---- reading ---- */

static int damaged(struct error *err, const char *what)
{
    return error_set(err, ST_INVALID, "the backup is damaged: %s; use another one", what);
}

static int take(struct container_reader *r, void *out, size_t len, struct error *err)
{
    if (len > r->source.size - r->at)
        return damaged(err, "it ends too early");
    int rc = r->source.read(r->source.arg, r->at, out, len, err);
    if (!rc)
        r->at += len;
    return rc;
}

static int read_header(struct container_reader *r, struct error *err)
{
    char prefix[PREFIX_LEN];
    uint8_t digest[BLAKE3_BYTES];
    if (r->source.size < PREFIX_LEN)
        return error_set(err, ST_INVALID, "this is no backup of hexmcp: it is too short");
    int rc = take(r, prefix, sizeof(prefix), err);
    if (rc)
        return rc;
    if (memcmp(prefix, MAGIC, MAGIC_LEN) != 0)
        return error_set(err, ST_INVALID, "this is no backup of hexmcp: it does not begin like one");
    uint32_t format = get_u32(prefix + MAGIC_LEN), len = get_u32(prefix + MAGIC_LEN + 4);
    if (format != CONTAINER_FORMAT)
        return error_set(err, ST_UNSUPPORTED,
                         "the backup has format %u, and this hexmcp reads format %u; use the "
                         "hexmcp that made it, or a newer one",
                         format, CONTAINER_FORMAT);
    if (len > CONTAINER_HEADER_MAX)
        return damaged(err, "its header is too long");
    if (!buffer_reserve(&r->header, len + 1))
        return error_set(err, ST_NOMEM, "out of memory");
    rc = take(r, r->header.data, len, err);
    if (rc)
        return rc;
    r->header.len = len;
    blake3_update(&r->whole, prefix, sizeof(prefix));
    blake3_update(&r->whole, r->header.data, len);
    blake3_final(&r->whole, r->header_digest);
    rc = take(r, digest, sizeof(digest), err);
    if (!rc && memcmp(digest, r->header_digest, sizeof(digest)) != 0)
        rc = damaged(err, "its header is not as it was written");
    blake3_update(&r->whole, digest, sizeof(digest));
    return rc;
}

int container_open(struct container_reader *r, const struct container_source *source,
                   const struct codec_port *codec, const struct stream_cipher_port *cipher,
                   struct error *err)
{
    memset(r, 0, sizeof(*r));
    r->source = *source;
    r->codec = codec;
    r->cipher = cipher;
    blake3_init(&r->whole);
    int rc = read_header(r, err);
    if (rc)
        container_reader_clear(r);
    return rc;
}

int container_unlock(struct container_reader *r, const uint8_t key[STREAM_KEY_BYTES],
                     const uint8_t start[STREAM_START_BYTES], struct error *err)
{
    return r->cipher->open_begin(r->cipher->ctx, key, start, &r->stream, err);
}

struct head {
    char bytes[FRAME_LEN];
    unsigned flags;
    size_t stored, len;
};

static int read_frame(struct container_reader *r, struct head *head, struct error *err)
{
    uint8_t digest[BLAKE3_BYTES], right[BLAKE3_BYTES];
    int rc = take(r, head->bytes, FRAME_LEN, err);
    if (!rc)
        rc = take(r, digest, sizeof(digest), err);
    if (rc)
        return rc;
    head->flags = (unsigned char)head->bytes[1];
    head->stored = get_u32(head->bytes + 2);
    head->len = get_u32(head->bytes + 6);
    if (head->len > CONTAINER_FRAME_MAX || head->stored > head->len + STREAM_MORE_BYTES)
        return damaged(err, "a part has a wrong length");
    buffer_reset(&r->stored, CONTAINER_FRAME_MAX);
    if (!buffer_reserve(&r->stored, head->stored + 1))
        return error_set(err, ST_NOMEM, "out of memory");
    rc = take(r, r->stored.data, head->stored, err);
    if (rc)
        return rc;
    r->stored.len = head->stored;
    frame_digest(head->bytes, buffer_str(&r->stored), right);
    if (memcmp(digest, right, sizeof(digest)) != 0)
        return damaged(err, "a part is not as it was written");
    blake3_update(&r->whole, head->bytes, FRAME_LEN);
    blake3_update(&r->whole, digest, sizeof(digest));
    blake3_update(&r->whole, r->stored.data, r->stored.len);
    return ST_OK;
}

static int unseal(struct container_reader *r, const struct head *head, struct str *bytes,
                  struct error *err)
{
    char with[FRAME_LEN + BLAKE3_BYTES];
    bool last;
    if (!r->stream)
        return error_set(err, ST_DENIED, "the backup is encrypted and there is no key for it");
    if (bytes->len < STREAM_MORE_BYTES)
        return damaged(err, "an encrypted part is too short");
    buffer_reset(&r->opened, CONTAINER_FRAME_MAX);
    if (!buffer_reserve(&r->opened, bytes->len))
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = r->cipher->open(r->stream, *bytes, beside(head->bytes, r->header_digest, with),
                             r->opened.data, &last, err);
    if (rc)
        return rc;
    if (last != (head->bytes[0] == FRAME_SUMMARY))
        return damaged(err, "its encrypted parts end at a wrong place");
    *bytes = (struct str){r->opened.data, bytes->len - STREAM_MORE_BYTES};
    return ST_OK;
}

static int unpack(struct container_reader *r, const struct head *head, struct str *bytes,
                  struct error *err)
{
    int rc = ST_OK;
    *bytes = buffer_str(&r->stored);
    if (r->stream && head->bytes[0] != FRAME_END && !(head->flags & FLAG_SEALED))
        return damaged(err, "a part of an encrypted backup is not encrypted");
    if (head->flags & FLAG_SEALED)
        rc = unseal(r, head, bytes, err);
    if (rc)
        return rc;
    if (!(head->flags & FLAG_COMPRESSED))
        return bytes->len == head->len ? ST_OK : damaged(err, "a part has a wrong length");
    buffer_reset(&r->bytes, CONTAINER_FRAME_MAX);
    if (!buffer_reserve(&r->bytes, head->len + 1))
        return error_set(err, ST_NOMEM, "out of memory");
    if (r->codec->expand(r->codec->ctx, *bytes, r->bytes.data, head->len, err))
        return error_prefix(err, "the backup is damaged: ");
    *bytes = (struct str){r->bytes.data, head->len};
    return ST_OK;
}

static int check_end(struct container_reader *r, struct str summary, struct error *err)
{
    uint8_t digest[BLAKE3_BYTES], right[BLAKE3_BYTES];
    char length[TAIL_LEN];
    blake3(summary, right);
    if (!r->summed || memcmp(right, r->summary, sizeof(right)) != 0)
        return damaged(err, "its end does not fit to it");
    int rc = take(r, length, sizeof(length), err);
    if (rc)
        return rc;
    blake3_update(&r->whole, length, sizeof(length));
    blake3_final(&r->whole, right);
    rc = take(r, digest, sizeof(digest), err);
    if (rc)
        return rc;
    if (get_u32(length) != summary.len || memcmp(digest, right, sizeof(digest)) != 0)
        return damaged(err, "it is not as it was written");
    if (r->at != r->source.size)
        return damaged(err, "something stands behind its end");
    r->ended = true;
    return ST_OK;
}

int container_next(struct container_reader *r, enum frame_kind *kind, struct str *bytes,
                   struct error *err)
{
    struct head head;
    int rc = r->ended ? damaged(err, "nothing follows its end") : read_frame(r, &head, err);
    if (!rc)
        rc = unpack(r, &head, bytes, err);
    if (rc)
        return rc;
    switch (head.bytes[0]) {
    case FRAME_RECORDS:
    case FRAME_PRINTS:
        if (r->summed)
            return damaged(err, "a part follows its summary");
        break;
    case FRAME_SUMMARY:
        blake3(*bytes, r->summary);
        r->summed = true;
        break;
    case FRAME_END:
        rc = check_end(r, *bytes, err);
        break;
    default:
        return damaged(err, "a part is of no known kind");
    }
    *kind = (enum frame_kind)head.bytes[0];
    return rc;
}

void container_reader_clear(struct container_reader *r)
{
    if (r->stream)
        r->cipher->end(r->stream);
    r->stream = NULL;
    buffer_clear(&r->header);
    buffer_clear(&r->stored);
    buffer_clear(&r->opened);
    buffer_clear(&r->bytes);
}

int container_summary(const struct container_source *source, struct buffer *out, struct error *err)
{
    const uint64_t behind = TAIL_LEN + BLAKE3_BYTES;
    char length[TAIL_LEN];
    if (source->size < PREFIX_LEN + behind)
        return damaged(err, "it is too short");
    int rc = source->read(source->arg, source->size - behind, length, sizeof(length), err);
    if (rc)
        return rc;
    size_t len = get_u32(length);
    if (len > CONTAINER_HEADER_MAX || len + behind + PREFIX_LEN > source->size)
        return damaged(err, "its end is cut off");
    if (!buffer_reserve(out, len + 1))
        return error_set(err, ST_NOMEM, "out of memory");
    rc = source->read(source->arg, source->size - behind - len, out->data + out->len, len, err);
    if (!rc)
        out->len += len;
    return rc;
}
