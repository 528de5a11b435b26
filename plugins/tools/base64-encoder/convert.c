/*
 * SPDX-License-Identifier: MIT
 */
#include "convert.h"

#include <inttypes.h>
#include <sodium.h>
#include <sys/stat.h>

/* What is encoded at a time: whole groups of three bytes. */
#define ENCODE_PIECE ((size_t)24 * 1024)
#define ENCODED_ROOM (ENCODE_PIECE / 3 * 4 + 1)
#define PROGRESS_BYTES ((uint64_t)1024 * 1024)

_Static_assert(SOURCE_PIECE % 3 == 0, "the pieces of a file are whole groups, too");

/* With large buffers, which a worker's stack need not have. */
struct work {
    const hexmcp_round *r;
    const struct request *request;
    struct sink *sink;
    uint64_t taken;
    uint64_t total;
    uint64_t reported;
    struct decoder decoder;
    char result[ENCODED_ROOM > DECODER_ROOM ? ENCODED_ROOM : DECODER_ROOM];
};

static const char *hint(enum decoder_fault fault, int url_safe)
{
    switch (fault) {
    case FAULT_FOREIGN:
        return "is not in the alphabet; correct or remove it";
    case FAULT_OTHER_ALPHABET:
        return url_safe ? "belongs to the standard alphabet; give variant standard"
                        : "belongs to the url-safe alphabet; give variant url-safe";
    case FAULT_LINE_BREAK:
        return "is a line break; give line_breaks true to pass over them";
    case FAULT_PADDING:
        return "cannot be here: padding stands only where two or three characters end the text";
    case FAULT_REFUSED:
        return "is padding; give padding true to ask for it, or leave padding out";
    case FAULT_AFTER_PADDING:
        return "stands behind the padding, which ends the text; decode what follows by itself";
    case FAULT_BITS:
        return "has bits that stand for no byte; the text was cut or changed";
    case FAULT_CUT:
        return "one character is left over, which makes no byte; the text was cut";
    case FAULT_UNPADDED:
        return "the padding is not complete; add = until the length is a multiple of 4, or leave "
               "padding out and = away";
    case FAULT_NONE:
        break;
    }
    return "";
}

static int32_t fail_decode(const struct work *w)
{
    const struct decoder *decoder = &w->decoder;
    const char *what = w->request->source.path ? "the file at path" : "input";
    const char *variant = request_variant(w->request);
    char wrong[16];
    if (decoder->fault == FAULT_CUT || decoder->fault == FAULT_UNPADDED)
        return hexmcp_fail(w->r->err, HEXMCP_E_INVALID,
                           "%s is not %s base64 at its end, position %" PRIu64 ": %s", what, variant,
                           decoder->position, hint(decoder->fault, decoder->url_safe));
    int shown = decoder->wrong > ' ' && decoder->wrong < 0x7f;
    snprintf(wrong, sizeof(wrong), shown ? "'%c'" : "byte 0x%02x", decoder->wrong);
    return hexmcp_fail(w->r->err, HEXMCP_E_INVALID,
                       "%s is not %s base64 at position %" PRIu64 " (counted from 0): %s %s", what,
                       variant, decoder->position, wrong, hint(decoder->fault, decoder->url_safe));
}

static int32_t decoded(struct work *w, size_t len)
{
    return w->decoder.fault != FAULT_NONE ? fail_decode(w) : sink_write(w->sink, w->result, len);
}

static int32_t encode(struct work *w, hexmcp_str part)
{
    static const int variants[2][2] = {
        {sodium_base64_VARIANT_ORIGINAL_NO_PADDING, sodium_base64_VARIANT_ORIGINAL},
        {sodium_base64_VARIANT_URLSAFE_NO_PADDING, sodium_base64_VARIANT_URLSAFE}};
    sodium_bin2base64(w->result, sizeof(w->result), (const unsigned char *)part.ptr, part.len,
                      variants[w->request->url_safe][w->request->pad]);
    return sink_write(w->sink, w->result, strlen(w->result));
}

static int32_t look_up(struct work *w)
{
    if (hexmcp_round_cancelled(w->r))
        return hexmcp_fail(w->r->err, HEXMCP_E_CANCELLED, "the call was cancelled");
    if (w->taken - w->reported >= PROGRESS_BYTES) {
        w->reported = w->taken;
        hexmcp_round_progress(w->r, (double)w->taken, (double)w->total, "");
    }
    return HEXMCP_OK;
}

static int32_t convert_part(struct work *w, hexmcp_str part)
{
    int32_t status = look_up(w);
    w->taken += part.len;
    if (status != HEXMCP_OK)
        return status;
    if (!w->request->decode)
        return encode(w, part);
    return decoded(w, decoder_feed(&w->decoder, part.ptr, part.len, (uint8_t *)w->result));
}

static int32_t convert_piece(void *arg, hexmcp_str piece)
{
    struct work *w = arg;
    size_t most = w->request->decode ? DECODER_PIECE : ENCODE_PIECE;
    int32_t status = HEXMCP_OK;
    for (size_t at = 0; at < piece.len && status == HEXMCP_OK; at += most) {
        size_t left = piece.len - at;
        status = convert_part(w, (hexmcp_str){piece.ptr + at, left < most ? left : most});
    }
    return status;
}

static int32_t convert_file(struct work *w, int fd)
{
    struct stat about = {0};
    (void)fstat(fd, &about); /* without a size there is progress towards nothing */
    w->total = (uint64_t)about.st_size;
    return source_pieces(w->r, fd, w->request->source.path, FILE_BYTES_MAX, convert_piece, w);
}

static int32_t convert_all(struct work *w, int fd)
{
    hexmcp_str data = w->request->source.data;
    w->total = data.len;
    int32_t status = w->request->source.path ? convert_file(w, fd) : convert_piece(w, data);
    if (status == HEXMCP_OK && w->request->decode)
        status = decoded(w, decoder_end(&w->decoder, (uint8_t *)w->result));
    return status;
}

int32_t convert(const hexmcp_round *r, const struct request *request, int fd, struct sink *sink,
                uint64_t *taken)
{
    struct work *w = malloc(sizeof(*w));
    if (!w)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the conversion; try again");
    w->r = r;
    w->request = request;
    w->sink = sink;
    w->taken = w->reported = 0;
    decoder_init(&w->decoder, request->url_safe, request->padding, request->line_breaks);
    int32_t status = convert_all(w, fd);
    *taken = w->taken;
    free(w);
    return status;
}
