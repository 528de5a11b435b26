/*
 * read.c - a part of a file, as text or as base64.
 *
 * SPDX-License-Identifier: MIT
 */
#include "info.h"
#include "operations.h"

#include <errno.h>
#include <sodium.h>
#include <unistd.h>

/* What was read of a file. */
struct part {
    struct stat st;
    char *data;
    size_t len;
};

static int32_t read_part(const struct op *op, int fd, struct part *part)
{
    const struct request *request = op->request;
    size_t want = (size_t)request->length;
    if (fstat(fd, &part->st) != 0)
        return op_errno(op, "read", request->path, errno);
    if (request->offset > part->st.st_size)
        return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                           "offset %lld is behind the end of %.*s, which has %lld bytes",
                           (long long)request->offset, SHOWN(request->path),
                           (long long)part->st.st_size);
    part->data = malloc(want + 1);
    if (!part->data)
        return op_errno(op, "read", request->path, ENOMEM);
    while (part->len < want) {
        ssize_t got = pread(fd, part->data + part->len, want - part->len,
                            (off_t)(request->offset + (int64_t)part->len));
        if (got < 0 && errno != EINTR)
            return op_errno(op, "read", request->path, errno);
        if (got == 0)
            break;
        part->len += got > 0 ? (size_t)got : 0;
    }
    return HEXMCP_OK;
}

/* The first byte that is not UTF-8; `len` if all are. */
static size_t first_bad(const char *data, size_t len)
{
    size_t i = 0;
    while (i < len) {
        size_t n = hexmcp_json_utf8_((const unsigned char *)data + i, len - i);
        if (n == 0)
            return i;
        i += n;
    }
    return len;
}

/* Could the bytes at the end be the beginning of a character? */
static int is_begun(const char *data, size_t len)
{
    unsigned char lead = (unsigned char)data[0];
    size_t whole = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || len >= whole)
        return 0;
    for (size_t i = 1; i < len; i++)
        if (((unsigned char)data[i] & 0xC0) != 0x80)
            return 0;
    return 1;
}

/* Leaves a character that the end of the part cuts to the next one. */
static int32_t check_text(const struct op *op, struct part *part)
{
    const struct request *request = op->request;
    size_t bad = first_bad(part->data, part->len);
    int64_t end = request->offset + (int64_t)part->len;
    if (bad == part->len)
        return HEXMCP_OK;
    if (bad > 0 && end < part->st.st_size && is_begun(part->data + bad, part->len - bad)) {
        part->len = bad;
        return HEXMCP_OK;
    }
    return hexmcp_fail(op->err, HEXMCP_E_INVALID,
                       "%.*s is not UTF-8 text at byte %lld; read it with encoding base64",
                       SHOWN(request->path), (long long)(request->offset + (int64_t)bad));
}

static int32_t put_content(const struct op *op, const struct part *part)
{
    if (!op->request->base64) {
        hexmcp_json_put_string(op->out, "content", (hexmcp_str){part->data, part->len});
        return HEXMCP_OK;
    }
    size_t room = sodium_base64_ENCODED_LEN(part->len, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(room);
    if (!text)
        return op_errno(op, "read", op->request->path, ENOMEM);
    sodium_bin2base64(text, room, (const uint8_t *)part->data, part->len,
                      sodium_base64_VARIANT_ORIGINAL);
    hexmcp_json_put_text(op->out, "content", text);
    free(text);
    return HEXMCP_OK;
}

static void put_place(const struct op *op, const struct part *part)
{
    int64_t begin = op->request->offset, end = begin + (int64_t)part->len;
    int truncated = end < part->st.st_size;
    char text[160];
    hexmcp_json_put_int64(op->out, "size", part->st.st_size);
    hexmcp_json_put_int64(op->out, "offset", begin);
    hexmcp_json_put_int64(op->out, "length", (int64_t)part->len);
    hexmcp_json_put_bool(op->out, "truncated", truncated);
    info_put_time(op->out, "modified", &part->st.st_mtim);
    if (!truncated)
        return;
    snprintf(text, sizeof(text),
             "bytes %lld to %lld of %lld; the rest begins at offset %lld: read again from there",
             (long long)begin, (long long)(end > begin ? end - 1 : begin),
             (long long)part->st.st_size, (long long)end);
    hexmcp_json_put_int64(op->out, "next_offset", end);
    hexmcp_json_put_text(op->out, "message", text);
}

static int32_t answer(const struct op *op, int fd, struct part *part)
{
    int32_t status = read_part(op, fd, part);
    if (status == HEXMCP_OK && !op->request->base64)
        status = check_text(op, part);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_put_text(op->out, "encoding", op->request->base64 ? "base64" : "utf-8");
    put_place(op, part);
    return put_content(op, part);
}

int32_t operation_read(const struct op *op)
{
    struct part part = {0};
    int fd;
    int32_t status = op_open(op, op->request->path, HEXMCP_FILES_READ, &fd);
    if (status != HEXMCP_OK)
        return status;
    status = answer(op, fd, &part);
    free(part.data);
    close(fd);
    return status;
}
