/*
 * qr_code.c - the tool "qr-code": a text as a QR code, by libqrencode.
 *
 * SPDX-License-Identifier: MIT
 *
 * Shows how to wrap a library: it works on what strangers wrote, so plugin.json says "isolation":
 * "required", and the plugin runs only in a sandboxed helper; the tool runs on a worker, bounds its
 * input before the library sees it, and looks whether it was cancelled between the steps.
 */
#include <errno.h>
#include <qrencode.h>

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

#define TEXT_MAX 2953 /* bytes that the largest code holds at the lowest level */
#define QUIET_MAX 10

struct code {
    QRcode *qr;
    int quiet; /* empty modules around it */
};

static int dark(const struct code *code, int x, int y)
{
    x -= code->quiet;
    y -= code->quiet;
    if (x < 0 || y < 0 || x >= code->qr->width || y >= code->qr->width)
        return 0;
    return code->qr->data[y * code->qr->width + x] & 1;
}

static int side(const struct code *code)
{
    return code->qr->width + 2 * code->quiet;
}

static QRecLevel level_of(hexmcp_str args)
{
    hexmcp_str level;
    if (hexmcp_json_get(args, "level", &level) != HEXMCP_OK || hexmcp_json_equals(level, "M"))
        return QR_ECLEVEL_M;
    if (hexmcp_json_equals(level, "L"))
        return QR_ECLEVEL_L;
    return hexmcp_json_equals(level, "Q") ? QR_ECLEVEL_Q : QR_ECLEVEL_H;
}

/* Two rows in a line of text: light on dark, as terminals are. */
static int32_t write_text(const struct code *code, hexmcp_json_writer *w)
{
    static const char *const blocks[] = {"\u2588", "\u2584", "\u2580", " "};
    int n = side(code);
    size_t room = ((size_t)n * 3 + 1) * ((size_t)n / 2 + 1) + 1, len = 0;
    char *text = malloc(room);
    if (!text)
        return HEXMCP_E_NOMEM;
    for (int y = 0; y < n; y += 2) {
        for (int x = 0; x < n; x++) {
            int lower = y + 1 < n ? dark(code, x, y + 1) : 1;
            const char *block = blocks[2 * lower + dark(code, x, y)];
            memcpy(text + len, block, strlen(block));
            len += strlen(block);
        }
        text[len++] = '\n';
    }
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "type", "text");
    hexmcp_json_put_string(w, "text", (hexmcp_str){text, len});
    hexmcp_json_end_object(w);
    free(text);
    return HEXMCP_OK;
}

static void write_rows(const struct code *code, hexmcp_json_writer *w)
{
    char row[200];
    int n = side(code);
    hexmcp_json_key(w, "rows");
    hexmcp_json_begin_array(w);
    for (int y = 0; y < n; y++) {
        for (int x = 0; x < n; x++)
            row[x] = dark(code, x, y) ? '1' : '0';
        hexmcp_json_write_string(w, (hexmcp_str){row, (size_t)n});
    }
    hexmcp_json_end_array(w);
}

static int32_t answer(const hexmcp_round *r, const struct code *code)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "content");
    hexmcp_json_begin_array(&w);
    int32_t status = write_text(code, &w);
    hexmcp_json_end_array(&w);
    hexmcp_json_key(&w, "structuredContent");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_int64(&w, "version", code->qr->version);
    hexmcp_json_put_int64(&w, "size", side(code));
    write_rows(code, &w);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    if (status == HEXMCP_OK)
        return hexmcp_round_writer(r, HEXMCP_RESULT, &w);
    hexmcp_json_writer_free(&w);
    return hexmcp_fail(r->err, status, "out of memory for the code; try again");
}

static int32_t failed(const hexmcp_round *r)
{
    if (errno == ERANGE)
        return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                           "the text does not fit into a QR code of this level; shorten it, or take a "
                           "lower level");
    if (errno == ENOMEM)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the code; try again");
    return hexmcp_fail(r->err, HEXMCP_E_INVALID, "libqrencode does not take this text");
}

static int32_t encode(const hexmcp_round *r)
{
    char text[TEXT_MAX + 1];
    struct code code = {.quiet = (int)hexmcp_round_get_int(r, "quiet", 4)};
    int32_t status = hexmcp_round_get_text(r, "text", text, sizeof(text));
    if (status != HEXMCP_OK)
        return status;
    if (text[0] == '\0')
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "`text` is empty; give at least one character");
    if (code.quiet < 0 || code.quiet > QUIET_MAX)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "`quiet` must be 0 to %d", QUIET_MAX);
    if (hexmcp_round_cancelled(r))
        return hexmcp_round_cancel(r);
    code.qr = QRcode_encodeString8bit(text, 0, level_of(r->args));
    if (!code.qr)
        return failed(r);
    status = hexmcp_round_cancelled(r) ? hexmcp_round_cancel(r) : answer(r, &code);
    QRcode_free(code.qr);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("qr-code", encode), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.examples.qr-code", "0.1.0", plugin);
