/*
 * SPDX-License-Identifier: MIT
 */
#include "convert.h"

#include "hexmcp/json.h"

#include <inttypes.h>
#include <sodium.h>

/* A piece to encode has whole groups of three bytes. */
#define ENCODE_PIECE ((size_t)24 * 1024)
#define ENCODED_ROOM (ENCODE_PIECE / 3 * 4 + 1)
#define PROGRESS_BYTES ((uint64_t)1024 * 1024)

/* Large buffers, which a worker's stack need not have. */
struct work {
    struct decoder decoder;
    char piece[DECODER_PIECE];
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

static int32_t fail_decode(const struct request *request, const struct decoder *decoder,
                           hexmcp_error *err)
{
    char wrong[16];
    const char *what = request->path.ptr ? "the file at path" : "input";
    if (decoder->fault == FAULT_CUT || decoder->fault == FAULT_UNPADDED)
        return hexmcp_fail(
            err, HEXMCP_E_INVALID, "%s is not %s base64 at its end, position %" PRIu64 ": %s", what,
            request_variant(request), decoder->position, hint(decoder->fault, request->url_safe));
    int shown = decoder->wrong > ' ' && decoder->wrong < 0x7f;
    snprintf(wrong, sizeof(wrong), shown ? "'%c'" : "byte 0x%02x", decoder->wrong);
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "%s is not %s base64 at position %" PRIu64 " (counted from 0): %s %s", what,
                       request_variant(request), decoder->position, wrong,
                       hint(decoder->fault, request->url_safe));
}

static size_t encode(const struct request *request, struct work *work, size_t len)
{
    int variant =
        request->url_safe ? sodium_base64_VARIANT_URLSAFE : sodium_base64_VARIANT_ORIGINAL;
    if (!request->pad)
        variant = request->url_safe ? sodium_base64_VARIANT_URLSAFE_NO_PADDING
                                    : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    sodium_bin2base64(work->result, sizeof(work->result), (const unsigned char *)work->piece, len,
                      variant);
    return strlen(work->result);
}

/* One piece of `len` bytes; 0 is the end of the source. */
static int32_t convert_piece(const struct request *request, struct work *work, size_t len,
                             struct sink *sink, hexmcp_error *err)
{
    uint8_t *bytes = (uint8_t *)work->result;
    size_t result;
    if (!request->decode)
        result = encode(request, work, len);
    else if (len > 0)
        result = decoder_feed(&work->decoder, work->piece, len, bytes);
    else
        result = decoder_end(&work->decoder, bytes);
    if (request->decode && work->decoder.fault != FAULT_NONE)
        return fail_decode(request, &work->decoder, err);
    return sink_write(sink, work->result, result, err);
}

static int32_t look_up(const hexmcp_host *host, hexmcp_call call, const struct source *source,
                       uint64_t *reported, hexmcp_error *err)
{
    const hexmcp_call_info_1 *info = host->get_interface(host->ctx, HEXMCP_CALL_1);
    if (info && info->cancelled(info->ctx, call))
        return hexmcp_fail(err, HEXMCP_E_CANCELLED, "the call was cancelled");
    if (source->taken - *reported >= PROGRESS_BYTES) {
        *reported = source->taken;
        host->progress(host->ctx, call, (double)source->taken, (double)source->size,
                       (hexmcp_str){"", 0});
    }
    return HEXMCP_OK;
}

static int32_t convert_all(const hexmcp_host *host, hexmcp_call call, const struct request *request,
                           struct work *work, struct source *source, struct sink *sink,
                           hexmcp_error *err)
{
    size_t room = request->decode ? DECODER_PIECE : ENCODE_PIECE;
    uint64_t reported = 0;
    size_t len;
    do {
        int32_t status = look_up(host, call, source, &reported, err);
        if (status == HEXMCP_OK)
            status = source_read(source, work->piece, room, &len, err);
        if (status == HEXMCP_OK)
            status = convert_piece(request, work, len, sink, err);
        if (status != HEXMCP_OK)
            return status;
    } while (len > 0);
    return HEXMCP_OK;
}

int32_t convert(const hexmcp_host *host, hexmcp_call call, const struct request *request,
                struct source *source, struct sink *sink, hexmcp_error *err)
{
    struct work *work = malloc(sizeof(*work));
    if (!work)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the conversion; try again");
    decoder_init(&work->decoder, request->url_safe, request->padding, request->line_breaks);
    int32_t status = convert_all(host, call, request, work, source, sink, err);
    free(work);
    return status;
}
