/*
 * SPDX-License-Identifier: MIT
 */
#include "wire.h"

#include <stdio.h>

static void add(struct wire *w, const char *text, size_t len)
{
    if (!bytes_add(&w->url, text, len))
        w->short_of_memory = true;
}

void wire_begin(struct wire *w, const char *base, const char *path)
{
    *w = (struct wire){0};
    hexmcp_json_writer_init(&w->body);
    add(w, base, strlen(base));
    add(w, path, strlen(path));
    wire_header(w, "Accept", "application/json");
}

void wire_end(struct wire *w)
{
    bytes_free(&w->url);
    bytes_free(&w->auth);
    hexmcp_json_writer_free(&w->body);
}

static void begin_value(struct wire *w, const char *name)
{
    add(w, w->has_query ? "&" : "?", 1);
    add(w, name, strlen(name));
    add(w, "=", 1);
    w->has_query = true;
}

void wire_query(struct wire *w, const char *name, const char *value)
{
    begin_value(w, name);
    for (; *value; value++) {
        unsigned char c = (unsigned char)*value;
        char text[4];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        snprintf(text, sizeof(text), plain ? "%c" : "%%%02X", c);
        add(w, text, strlen(text));
    }
}

void wire_query_int(struct wire *w, const char *name, size_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%zu", value);
    wire_query(w, name, text);
}

void wire_query_key(struct wire *w, const char *name, const char *handle)
{
    begin_value(w, name);
    add(w, handle, strlen(handle));
}

void wire_header(struct wire *w, const char *name, const char *value)
{
    w->headers[w->header_count][0] = name;
    w->headers[w->header_count++][1] = value;
}

void wire_bearer(struct wire *w, const char *handle)
{
    static const char word[] = "Bearer ";
    if (bytes_add(&w->auth, word, sizeof(word) - 1) && bytes_add(&w->auth, handle, strlen(handle)))
        wire_header(w, "Authorization", w->auth.ptr);
    else
        w->short_of_memory = true;
}

hexmcp_json_writer *wire_json(struct wire *w)
{
    w->post = true;
    wire_header(w, "Content-Type", "application/json");
    hexmcp_json_begin_object(&w->body);
    return &w->body;
}

void wire_json_end(struct wire *w)
{
    hexmcp_json_end_object(&w->body);
}
