/*
 * SPDX-License-Identifier: MIT
 */
#include "read.h"

#include <search.h>
#include <string.h>
#include <strings.h>

#include "markup.h"

#define TITLE_MOST 300
#define SNIPPET_MOST 1000
#define URL_MOST 4096

/* What is looked at before markup is removed. */
#define RAW_MOST 8192

const struct fields fields_of_google = {
    .title = "title", .url = "link", .snippet = "snippet", .date = "date"};

hexmcp_str read_at(hexmcp_str json, const char *path)
{
    const hexmcp_str none = {NULL, 0};
    while (*path) {
        char key[64];
        size_t len = strcspn(path, ".");
        if (len >= sizeof(key))
            return none;
        memcpy(key, path, len);
        key[len] = '\0';
        if (hexmcp_json_get(json, key, &json) != HEXMCP_OK)
            return none;
        path += len + (path[len] == '.');
    }
    return json;
}

/* The text at a path, to be freed; NULL if it is none. */
static char *text_at(hexmcp_str item, const char *path)
{
    hexmcp_str value = path ? read_at(item, path) : (hexmcp_str){NULL, 0};
    char *text;
    size_t len;
    if (value.len == 0 || hexmcp_json_string_dup(value, &text, &len) != HEXMCP_OK)
        return NULL;
    return text;
}

static bool is_web(const char *url)
{
    return strlen(url) <= URL_MOST &&
           (strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0);
}

static void put(hexmcp_json_writer *w, const char *key, char *text, size_t most)
{
    if (text) {
        text[strnlen(text, RAW_MOST)] = '\0';
        markup_remove(text);
        markup_cut(text, most);
    }
    hexmcp_json_put_text(w, key, text ? text : "");
}

static void put_address(hexmcp_json_writer *w, const char *key, const char *url)
{
    if (url && is_web(url))
        hexmcp_json_put_text(w, key, url);
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Takes `url`. One that cannot be kept for want of memory counts as new. */
static bool is_new(struct results *r, char *url)
{
    char **found = tsearch(url, &r->known, compare);
    bool known = found && *found != url;
    if (known || !found)
        free(url);
    return !known;
}

static bool is_wanted(struct results *r, const char *url)
{
    char *copy;
    if (!url || !is_web(url) || r->count == r->most)
        return false;
    copy = r->unique ? strdup(url) : NULL;
    return !copy || is_new(r, copy);
}

static void put_item(struct results *r, hexmcp_str item, const struct fields *fields, const char *url)
{
    char *title = text_at(item, fields->title), *snippet = text_at(item, fields->snippet);
    char *date = text_at(item, fields->date), *image = text_at(item, fields->image);
    r->count++;
    hexmcp_json_begin_object(r->json);
    put(r->json, "title", title, TITLE_MOST);
    hexmcp_json_put_text(r->json, "url", url);
    put(r->json, "snippet", snippet, SNIPPET_MOST);
    hexmcp_json_put_int64(r->json, "rank", (int64_t)(r->rank + r->count));
    hexmcp_json_put_text(r->json, "provider", r->provider);
    if (date && *date)
        put(r->json, "date", date, 100);
    put_address(r->json, "image", image);
    hexmcp_json_end_object(r->json);
    free(title);
    free(snippet);
    free(date);
    free(image);
}

bool read_item(struct results *r, hexmcp_str item, const struct fields *fields)
{
    char *url = text_at(item, fields->url);
    bool wanted = is_wanted(r, url);
    if (wanted && r->skip > 0)
        r->skip--;
    else if (wanted)
        put_item(r, item, fields, url);
    free(url);
    return wanted;
}

size_t read_items(struct results *r, hexmcp_str json, const char *path, const struct fields *fields)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(read_at(json, path));
    hexmcp_str item;
    size_t taken = 0;
    while (r->count < r->most && hexmcp_json_next(&it, NULL, &item))
        taken += read_item(r, item, fields);
    return taken;
}

void results_forget(struct results *r)
{
    tdestroy(r->known, free);
    r->known = NULL;
}
