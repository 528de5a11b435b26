/*
 * SPDX-License-Identifier: MIT
 */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "encoded.h"

/* What is written to; an error stays. */
struct out {
    struct bytes *bytes;
    bool failed;
};

static void put(struct out *o, const char *text)
{
    o->failed |= !bytes_add(o->bytes, text, strlen(text));
}

__attribute__((format(printf, 2, 3))) static void putf(struct out *o, const char *format, ...)
{
    char text[600];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    put(o, text);
}

void message_date(time_t time, char out[DATE_ROOM])
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm t;
    gmtime_r(&time, &t);
    snprintf(out, DATE_ROOM, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[t.tm_wday], t.tm_mday,
             months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

/* ---- headers ---- */

static void put_words(struct out *o, const char *text, size_t column)
{
    o->failed |= !encoded_words(o->bytes, text, column);
}

static void put_address(struct out *o, const struct address *a, size_t column)
{
    if (a->name[0]) {
        o->failed |= !encoded_phrase(o->bytes, a->name, column);
        putf(o, " <%s>", a->mail);
    } else {
        put(o, a->mail);
    }
}

/* One address in a line. */
static void put_addresses(struct out *o, const char *name, const struct address *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i == 0)
            putf(o, "%s: ", name);
        else
            put(o, ",\r\n ");
        put_address(o, &list[i], i == 0 ? strlen(name) + 2 : 1);
    }
    if (count > 0)
        put(o, "\r\n");
}

static void put_head(struct out *o, const struct message *m)
{
    char date[DATE_ROOM];
    message_date(m->time, date);
    putf(o, "Date: %s\r\n", date);
    put_addresses(o, "From", m->from, 1);
    put_addresses(o, "To", m->to, m->to_count);
    put_addresses(o, "Cc", m->cc, m->cc_count);
    if (m->reply_to)
        putf(o, "Reply-To: %s\r\n", m->reply_to);
    put(o, "Subject: ");
    put_words(o, m->subject, strlen("Subject: "));
    putf(o, "\r\nMessage-ID: <%s>\r\nMIME-Version: 1.0\r\n", m->id);
}

/* ---- bodies ---- */

static void put_text(struct out *o, const char *type, const char *text)
{
    putf(o, "Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
         type);
    o->failed |= !encoded_printable(o->bytes, text);
}

static void put_texts(struct out *o, const struct message *m)
{
    if (!m->html) {
        put_text(o, "plain", m->text);
        return;
    }
    putf(o, "Content-Type: multipart/alternative; boundary=\"a-%s\"\r\n\r\n--a-%s\r\n", m->boundary,
         m->boundary);
    put_text(o, "plain", m->text);
    putf(o, "\r\n--a-%s\r\n", m->boundary);
    put_text(o, "html", m->html);
    putf(o, "\r\n--a-%s--\r\n", m->boundary);
}

static void put_attachment(struct out *o, const struct attachment *a)
{
    putf(o, "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;",
         a->type);
    o->failed |= !encoded_parameter(o->bytes, "filename", a->name);
    put(o, "\r\n\r\n");
    o->failed |= !encoded_base64(o->bytes, a->data);
}

bool message_write(const struct message *m, struct bytes *bytes)
{
    struct out o = {bytes, false};
    put_head(&o, m);
    if (m->attachment_count == 0) {
        put_texts(&o, m);
        return !o.failed;
    }
    putf(&o, "Content-Type: multipart/mixed; boundary=\"m-%s\"\r\n\r\n--m-%s\r\n", m->boundary,
         m->boundary);
    put_texts(&o, m);
    for (size_t i = 0; i < m->attachment_count; i++) {
        putf(&o, "\r\n--m-%s\r\n", m->boundary);
        put_attachment(&o, &m->attachments[i]);
    }
    putf(&o, "\r\n--m-%s--\r\n", m->boundary);
    return !o.failed;
}

/* ---- what a page says ---- */

static const char *put_entity(struct out *o, const char *at)
{
    static const char *const names[][2] = {{"&amp;", "&"},  {"&lt;", "<"},    {"&gt;", ">"},
                                           {"&quot;", "\""}, {"&nbsp;", " "}, {"&#39;", "'"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strncmp(at, names[i][0], strlen(names[i][0])) == 0) {
            put(o, names[i][1]);
            return at + strlen(names[i][0]);
        }
    put(o, "&");
    return at + 1;
}

static bool is_tag(const char *at, const char *name)
{
    size_t len = strlen(name);
    at += *at == '/';
    return strncasecmp(at, name, len) == 0 && strchr(" \t\r\n/>", at[len]);
}

/* `at` is behind a "<"; the place behind its ">". */
static const char *pass_tag(struct out *o, const char *at)
{
    static const char *const hidden[] = {"script", "style", "head"};
    static const char *const lines[] = {"br", "p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3"};
    const char *end = strchr(at, '>');
    end = end ? end + 1 : at + strlen(at);
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        if (is_tag(at, lines[i]) && (*at == '/' || i == 0))
            put(o, "\n");
    for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++) {
        char closing[12];
        if (*at == '/' || !is_tag(at, hidden[i]))
            continue;
        snprintf(closing, sizeof(closing), "</%s", hidden[i]);
        const char *close = strcasestr(end, closing);
        end = close ? close : end + strlen(end);
    }
    return end;
}

bool message_strip(const char *html, struct bytes *out)
{
    struct out o = {out, false};
    while (*html) {
        size_t plain = strcspn(html, "<&");
        o.failed |= plain > 0 && !bytes_add(out, html, plain);
        html += plain;
        if (*html == '<')
            html = pass_tag(&o, html + 1);
        else if (*html == '&')
            html = put_entity(&o, html);
    }
    put(&o, "\n");
    return !o.failed;
}

const char *message_type(const char *name)
{
    static const char *const types[][2] = {
        {".txt", "text/plain"},       {".md", "text/markdown"},  {".csv", "text/csv"},
        {".html", "text/html"},       {".json", "application/json"}, {".xml", "application/xml"},
        {".pdf", "application/pdf"},  {".zip", "application/zip"},   {".gz", "application/gzip"},
        {".png", "image/png"},        {".jpg", "image/jpeg"},        {".jpeg", "image/jpeg"},
        {".gif", "image/gif"},        {".webp", "image/webp"},       {".svg", "image/svg+xml"},
        {".mp3", "audio/mpeg"},       {".wav", "audio/wav"},         {".mp4", "video/mp4"},
        {".ics", "text/calendar"}};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof(types) / sizeof(*types); i++)
        if (strcasecmp(dot, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}
