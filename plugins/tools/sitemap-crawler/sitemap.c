/*
 * SPDX-License-Identifier: MIT
 */
#include "sitemap.h"

#include <libxml/xmlreader.h>
#include <string.h>

#include "encoding.h"

#define FIELD_MOST ((size_t)8192)
#define TAG_MOST ((size_t)2048)

/* Time that one file may take. */
#define SECONDS 20

enum field { LOC, LASTMOD, CHANGEFREQ, PRIORITY, FIELDS };

struct reading {
    struct pace *pace;
    sitemap_fn each;
    void *arg;
    enum sitemap_kind kind;
    char *fields[FIELDS];
    int field; /* that is open; -1: none */
    size_t nodes;
    double began_ms;
};

static int32_t fail(const struct reading *r, const char *text)
{
    return hexmcp_fail(r->pace->r->err, HEXMCP_E_INVALID, "%s", text);
}

static int field_of(const char *name)
{
    static const char *const names[FIELDS] = {"loc", "lastmod", "changefreq", "priority"};
    for (int i = 0; i < FIELDS; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return -1;
}

static const char *field(const struct reading *r, enum field which)
{
    return r->fields[which] ? r->fields[which] : "";
}

static int32_t end_entry(struct reading *r)
{
    struct sitemap_entry entry = {field(r, LOC), field(r, LASTMOD), field(r, CHANGEFREQ),
                                  field(r, PRIORITY)};
    int32_t status = HEXMCP_OK;
    if (*entry.loc)
        status = r->each(r->arg, r->kind, &entry);
    for (int i = 0; i < FIELDS; i++) {
        free(r->fields[i]);
        r->fields[i] = NULL;
    }
    return status;
}

static int32_t begin_root(struct reading *r, const char *name)
{
    if (strcmp(name, "urlset") == 0)
        r->kind = SITEMAP_URLS;
    else if (strcmp(name, "sitemapindex") == 0)
        r->kind = SITEMAP_INDEX;
    else
        return fail(r, "it is XML, but no sitemap: the root is neither urlset nor sitemapindex");
    return HEXMCP_OK;
}

/* Names of other vocabularies (image:loc) have a prefix. */
static int32_t begin(struct reading *r, xmlTextReaderPtr xml)
{
    int depth = xmlTextReaderDepth(xml);
    const char *name = (const char *)xmlTextReaderConstLocalName(xml);
    const xmlChar *prefix = xmlTextReaderConstPrefix(xml);
    if (depth == 0)
        return begin_root(r, name);
    if (depth == 2 && !prefix && !xmlTextReaderIsEmptyElement(xml))
        r->field = field_of(name);
    else if (depth == 2)
        r->field = -1;
    return HEXMCP_OK;
}

/* A field may come in pieces: text and CDATA. */
static int32_t add_text(struct reading *r, const char *text)
{
    char **at = &r->fields[r->field];
    size_t have = *at ? strlen(*at) : 0, more = strlen(text);
    if (have + more > FIELD_MOST)
        return fail(r, "one of its fields has more than 8192 bytes");
    char *grown = realloc(*at, have + more + 1);
    if (!grown)
        return hexmcp_fail(r->pace->r->err, HEXMCP_E_NOMEM, "out of memory for the sitemap; try again");
    memcpy(grown + have, text, more + 1);
    *at = grown;
    return HEXMCP_OK;
}

static int32_t end(struct reading *r, int depth)
{
    if (depth == 2)
        r->field = -1;
    return depth == 1 ? end_entry(r) : HEXMCP_OK;
}

static int32_t take_node(struct reading *r, xmlTextReaderPtr xml)
{
    int depth = xmlTextReaderDepth(xml);
    switch (xmlTextReaderNodeType(xml)) {
    case XML_READER_TYPE_DOCUMENT_TYPE:
    case XML_READER_TYPE_ENTITY_REFERENCE:
        return fail(r, "it uses entities of its own, which no sitemap needs");
    case XML_READER_TYPE_ELEMENT:
        return begin(r, xml);
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
        return depth == 3 && r->field >= 0
                   ? add_text(r, (const char *)xmlTextReaderConstValue(xml))
                   : HEXMCP_OK;
    case XML_READER_TYPE_END_ELEMENT:
        return end(r, depth);
    default:
        return HEXMCP_OK;
    }
}

static int32_t check_time(const struct reading *r)
{
    if (pace_ms(r->pace) - r->began_ms > SECONDS * 1e3)
        return hexmcp_fail(r->pace->r->err, HEXMCP_E_TOO_LARGE,
                           "it takes more than %d seconds to read; it is broken or hostile", SECONDS);
    return pace_step(r->pace, (double)r->nodes, 0, "reading a sitemap");
}

static void keep_quiet(void *arg, const xmlError *error)
{
    (void)arg;
    (void)error;
}

static int32_t read_xml(struct reading *r, hexmcp_str file)
{
    /* No XML_PARSE_NOENT, no XML_PARSE_HUGE, no DTD: see take_node(). What the declaration says of the
     * encoding was true of the file, and no longer is. */
    xmlTextReaderPtr xml = xmlReaderForMemory(file.ptr, (int)file.len, NULL, "UTF-8",
                                              XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                                  XML_PARSE_IGNORE_ENC);
    int32_t status = HEXMCP_OK;
    int more = -1;
    if (!xml)
        return hexmcp_fail(r->pace->r->err, HEXMCP_E_NOMEM, "out of memory for the sitemap; try again");
    xmlTextReaderSetStructuredErrorHandler(xml, (xmlStructuredErrorFunc)keep_quiet, NULL);
    while (status == HEXMCP_OK && (more = xmlTextReaderRead(xml)) == 1) {
        status = take_node(r, xml);
        if (status == HEXMCP_OK && ++r->nodes % 1024 == 0)
            status = check_time(r);
    }
    if (status == HEXMCP_OK && more != 0)
        status = hexmcp_fail(r->pace->r->err, HEXMCP_E_INVALID,
                             "it is broken XML (line %d), read up to there",
                             xmlTextReaderGetParserLineNumber(xml));
    xmlFreeTextReader(xml);
    for (int i = 0; i < FIELDS; i++)
        free(r->fields[i]);
    return status;
}

static bool is_link(const char *line, size_t len)
{
    return (len > 7 && strncasecmp(line, "http://", 7) == 0) ||
           (len > 8 && strncasecmp(line, "https://", 8) == 0);
}

static int32_t read_lines(struct reading *r, hexmcp_str file)
{
    const char *at = file.ptr, *stop = file.ptr + file.len;
    int32_t status = HEXMCP_OK;
    bool some = false;
    r->kind = SITEMAP_TEXT;
    while (at < stop && status == HEXMCP_OK) {
        const char *line = memchr(at, '\n', (size_t)(stop - at));
        size_t len = (size_t)((line ? line : stop) - at);
        some = some || is_link(at, len);
        char *text = len < FIELD_MOST ? strndup(at, len) : NULL;
        if (text) {
            text[strcspn(text, "\r")] = '\0';
            r->fields[LOC] = text;
            status = end_entry(r);
        }
        if (status == HEXMCP_OK && ++r->nodes % 1024 == 0)
            status = check_time(r);
        at += len + 1;
    }
    if (status == HEXMCP_OK && !some)
        return fail(r, "it is no sitemap: it is not XML, and no line of it is an address");
    return status;
}

/* ---- before the library sees it ---- */

static size_t find(hexmcp_str text, size_t from, const char *what)
{
    const char *at = memmem(text.ptr + from, text.len - from, what, strlen(what));
    return at ? (size_t)(at - text.ptr) + strlen(what) : text.len;
}

/* The end of the tag that begins at `from`: ">" outside of quotes. */
static size_t end_of_tag(hexmcp_str text, size_t from)
{
    char quote = '\0';
    size_t at = from;
    for (; at < text.len && (quote || text.ptr[at] != '>'); at++) {
        char c = text.ptr[at];
        if (quote)
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
    }
    return at;
}

/* libxml2 compares each attribute of a tag with all others, and reads the entities of a DOCTYPE before it
 * tells of it. */
static int32_t look_through(const struct reading *r, hexmcp_str text)
{
    const char *next;
    for (size_t at = 0; at < text.len && (next = memchr(text.ptr + at, '<', text.len - at));) {
        size_t from = (size_t)(next - text.ptr);
        hexmcp_str rest = {next, text.len - from};
        if (hexmcp_str_begins(rest, "<!--"))
            at = find(text, from, "-->");
        else if (hexmcp_str_begins(rest, "<![CDATA["))
            at = find(text, from, "]]>");
        else if (hexmcp_str_begins(rest, "<?"))
            at = find(text, from, "?>");
        else if (hexmcp_str_begins(rest, "<!"))
            return fail(r, "it has a DOCTYPE, which no sitemap needs");
        else
            at = end_of_tag(text, from);
        if (at - from > TAG_MOST && *next == '<' && !strchr("!?", rest.len > 1 ? next[1] : 'a'))
            return fail(r, "one of its tags has more than 2048 bytes");
    }
    return HEXMCP_OK;
}

static int32_t read_text(struct reading *r, hexmcp_str text)
{
    while (text.len > 0 && strchr(" \t\r\n", *text.ptr) && *text.ptr) {
        text.ptr++;
        text.len--;
    }
    if (text.len == 0)
        return fail(r, "it is empty");
    if (memchr(text.ptr, '\0', text.len))
        return fail(r, "it holds NUL, so it is no text of an encoding that is known here");
    if (*text.ptr != '<')
        return read_lines(r, text);
    int32_t status = look_through(r, text);
    return status == HEXMCP_OK ? read_xml(r, text) : status;
}

int32_t sitemap_read(struct pace *pace, hexmcp_str file, sitemap_fn each, void *arg,
                     enum sitemap_kind *kind)
{
    struct reading r = {.pace = pace, .each = each, .arg = arg, .field = -1, .began_ms = pace_ms(pace)};
    struct bytes held = {0};
    hexmcp_str text;
    int32_t status = encoding_to_utf8(pace->r, file, SITEMAP_BYTES, &held, &text);
    if (status == HEXMCP_OK)
        status = read_text(&r, text);
    bytes_free(&held);
    *kind = r.kind;
    return status;
}
