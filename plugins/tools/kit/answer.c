/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/answer.h"

#include "kit/encode.h"

hexmcp_json_writer *answer_begin(struct answer *a, const hexmcp_round *r)
{
    a->r = r;
    a->text[0] = '\0';
    hexmcp_json_writer_init(&a->json);
    hexmcp_json_writer_init(&a->blocks);
    hexmcp_json_begin_array(&a->blocks);
    hexmcp_json_begin_object(&a->json);
    return &a->json;
}

void answer_text(struct answer *a, const char *format, ...)
{
    hexmcp_error cut;
    char text[sizeof(a->text)];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    /* As an error's text: never half a character at the end. */
    hexmcp_fail(&cut, HEXMCP_OK, "%s", text);
    snprintf(a->text, sizeof(a->text), "%s", cut.text);
}

void answer_link(struct answer *a, const char *uri, const char *name, const char *mime,
                 uint64_t bytes)
{
    hexmcp_json_writer *w = &a->blocks;
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "type", "resource_link");
    hexmcp_json_put_text(w, "uri", uri);
    hexmcp_json_put_text(w, "name", name);
    if (mime)
        hexmcp_json_put_text(w, "mimeType", mime);
    hexmcp_json_put_int64(w, "size", (int64_t)bytes);
    hexmcp_json_end_object(w);
}

void answer_image(struct answer *a, const void *bytes, size_t len, const char *mime)
{
    hexmcp_json_writer *w = &a->blocks;
    struct bytes text = {0};
    if (!encode_base64(&text, bytes, len))
        return; /* the result says where the picture is; seeing it at once is an extra */
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "type", "image");
    hexmcp_json_put_string(w, "data", bytes_str(&text));
    hexmcp_json_put_text(w, "mimeType", mime);
    hexmcp_json_end_object(w);
    bytes_free(&text);
}

static void put_block(hexmcp_json_writer *w, hexmcp_str text, const char *audience)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "type", "text");
    hexmcp_json_put_string(w, "text", text);
    hexmcp_json_key(w, "annotations");
    hexmcp_json_begin_object(w);
    hexmcp_json_key(w, "audience");
    hexmcp_json_begin_array(w);
    hexmcp_json_write_text(w, audience);
    hexmcp_json_end_array(w);
    hexmcp_json_end_object(w);
    hexmcp_json_end_object(w);
}

static void put_blocks(const struct answer *a, hexmcp_json_writer *w)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(hexmcp_json_writer_text(&a->blocks));
    hexmcp_str block;
    hexmcp_json_key(w, "content");
    hexmcp_json_begin_array(w);
    put_block(w, hexmcp_json_writer_text(&a->json), "assistant");
    if (a->text[0] != '\0')
        put_block(w, hexmcp_str_from(a->text), "user");
    while (hexmcp_json_next(&it, NULL, &block))
        hexmcp_json_write_raw(w, block);
    hexmcp_json_end_array(w);
}

int32_t answer_end(struct answer *a)
{
    const hexmcp_round *r = a->r;
    hexmcp_json_writer w;
    hexmcp_json_end_object(&a->json);
    hexmcp_json_end_array(&a->blocks);
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    put_blocks(a, &w);
    hexmcp_json_put_raw(&w, "structuredContent", hexmcp_json_writer_text(&a->json));
    hexmcp_json_end_object(&w);
    answer_drop(a);
    return hexmcp_round_writer(r, HEXMCP_RESULT, &w);
}

void answer_drop(struct answer *a)
{
    hexmcp_json_writer_free(&a->json);
    hexmcp_json_writer_free(&a->blocks);
}
