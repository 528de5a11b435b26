/*
 * file.c - the matches of one file.
 *
 * SPDX-License-Identifier: MIT
 */
#include "search.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file with a NUL so near to its beginning holds no text. */
#define BINARY_BYTES 8192

/* Bytes that are shown of a long line, of what matched, and before a match that is far along. */
#define LINE_BYTES 400
#define MATCH_BYTES 200
#define LEAD_BYTES 100

/* Matches that are passed over between two looks whether to stop. */
#define CHECK_MATCHES 1024

#define CUT "\xE2\x80\xA6" /* an ellipsis */

struct text {
    const char *data;
    size_t len;
};

/* Moves `at` back to where a character begins. */
static size_t align(const char *data, size_t at)
{
    for (int i = 0; i < 3 && at > 0 && ((unsigned char)data[at] & 0xC0) == 0x80; i++)
        at--;
    return at;
}

/* data[begin..end) from `at` on, shortened to `most` bytes. */
static void write_part(hexmcp_json_writer *out, const char *data, size_t begin, size_t end,
                       size_t at, size_t most)
{
    char part[sizeof(CUT) - 1 + LINE_BYTES + sizeof(CUT)];
    size_t len = 0;
    size_t stop = end - at > most ? align(data, at + most) : end;
    if (at > begin) {
        memcpy(part, CUT, sizeof(CUT) - 1);
        len = sizeof(CUT) - 1;
    }
    memcpy(part + len, data + at, stop - at);
    len += stop - at;
    if (stop < end) {
        memcpy(part + len, CUT, sizeof(CUT) - 1);
        len += sizeof(CUT) - 1;
    }
    hexmcp_json_write_string(out, (hexmcp_str){part, len});
}

static int64_t count_lines(const char *data, size_t begin, size_t end)
{
    int64_t count = 0;
    for (size_t i = begin; i < end; i++)
        count += data[i] == '\n';
    return count;
}

static int64_t count_characters(const char *data, size_t begin, size_t end)
{
    int64_t count = 0;
    for (size_t i = begin; i < end; i++)
        count += ((unsigned char)data[i] & 0xC0) != 0x80;
    return count;
}

static void write_line(hexmcp_json_writer *out, const struct text *text, size_t begin, size_t next)
{
    size_t end = next;
    if (end > begin && text->data[end - 1] == '\n')
        end--;
    if (end > begin && text->data[end - 1] == '\r')
        end--;
    write_part(out, text->data, begin, end, begin, LINE_BYTES);
}

static void write_before(struct search *search, const struct text *text, size_t at)
{
    size_t begins[CONTEXT_LINES_MAX];
    size_t count = 0;
    hexmcp_json_begin_array(search->out);
    while (at > 0 && count < (size_t)search->request->context_lines) {
        const char *before = at > 1 ? memrchr(text->data, '\n', at - 1) : NULL;
        at = before ? (size_t)(before - text->data) + 1 : 0;
        begins[count++] = at;
    }
    while (count-- > 0) {
        const char *end = memchr(text->data + begins[count], '\n', text->len - begins[count]);
        write_line(search->out, text, begins[count],
                   end ? (size_t)(end - text->data) + 1 : text->len);
    }
    hexmcp_json_end_array(search->out);
}

static void write_after(struct search *search, const struct text *text, size_t at)
{
    hexmcp_json_begin_array(search->out);
    for (int64_t i = 0; i < search->request->context_lines && at < text->len; i++) {
        const char *end = memchr(text->data + at, '\n', text->len - at);
        size_t next = end ? (size_t)(end - text->data) + 1 : text->len;
        write_line(search->out, text, at, next);
        at = next;
    }
    hexmcp_json_end_array(search->out);
}

/* A long line is shown around its match. */
static size_t shown_from(const char *data, const struct line *line)
{
    if (line->end - line->begin <= LINE_BYTES || line->match_begin - line->begin <= LEAD_BYTES)
        return line->begin;
    return align(data, line->match_begin - LEAD_BYTES);
}

static void write_match(struct search *search, const char *path, const struct text *text,
                        const struct line *line, int64_t number)
{
    hexmcp_json_writer *out = search->out;
    const char *data = text->data;
    hexmcp_json_begin_object(out);
    hexmcp_json_put_text(out, "path", path);
    hexmcp_json_put_int64(out, "line_number", number);
    hexmcp_json_put_int64(out, "column_number",
                          count_characters(data, line->begin, line->match_begin) + 1);
    hexmcp_json_key(out, "line_content");
    write_part(out, data, line->begin, line->end, shown_from(data, line), LINE_BYTES);
    hexmcp_json_key(out, "matched_text");
    write_part(out, data, line->match_begin, line->match_end, line->match_begin, MATCH_BYTES);
    hexmcp_json_key(out, "context_before");
    write_before(search, text, line->begin);
    hexmcp_json_key(out, "context_after");
    write_after(search, text, line->next);
    hexmcp_json_end_object(out);
    search->matches++;
}

/* The next line that matches, those that are too hard left out. */
static int next_line(struct search *search, const struct text *text, size_t from, struct line *line)
{
    int found;
    do {
        found = matcher_next(search->matcher, text->data, text->len, from, line);
        from = line->next;
        search->too_hard += found == REGEX_TOO_HARD;
    } while (found == REGEX_TOO_HARD && !search_check(search));
    return found == REGEX_FOUND;
}

/* Why the page is full, if it is. */
static enum end end_of_page(const struct search *search)
{
    if (search->matches == search->request->limit)
        return END_RESULTS;
    return search->out->len > RESULT_BYTES_MAX ? END_BYTES : END_NONE;
}

static void search_text(struct search *search, const char *path, const struct text *text)
{
    const struct request *request = search->request;
    struct line line = {0};
    int64_t number = 1, here = 0;
    size_t counted = 0, from = 0;
    while (search->end == END_NONE && next_line(search, text, from, &line)) {
        search->end = end_of_page(search);
        if (search->end != END_NONE)
            return;
        if (search->passed < request->offset) {
            if (++search->passed % CHECK_MATCHES == 0)
                search_check(search);
        } else {
            number += count_lines(text->data, counted, line.begin);
            counted = line.begin;
            write_match(search, path, text, &line, number);
        }
        from = line.next;
        if (++here == request->max_matches_per_file)
            return;
    }
}

/* Makes room for `len` bytes. */
static int reserve(struct search *search, size_t len)
{
    if (len <= search->room)
        return 1;
    size_t room = search->room ? search->room : 65536;
    while (room < len)
        room *= 2;
    free(search->data);
    search->data = malloc(room);
    search->room = search->data ? room : 0;
    if (search->data)
        return 1;
    hexmcp_fail(search->err, HEXMCP_E_NOMEM, "out of memory for a file of %zu bytes; try again", len);
    search->end = END_FAILED;
    return 0;
}

/* Reads on from `have` to the end of the file or `want` bytes; the new length, -1 with errno. */
static ssize_t read_on(const struct search *search, int fd, size_t have, size_t want)
{
    while (have < want) {
        ssize_t got = read(fd, search->data + have, want - have);
        if (got < 0 && errno != EINTR)
            return -1;
        if (got == 0)
            break;
        have += got > 0 ? (size_t)got : 0;
    }
    return (ssize_t)have;
}

static void leave_out(struct search *search, const char *path, int failure)
{
    if (search->unreadable++ == 0)
        snprintf(search->left_out, sizeof(search->left_out), "%.200s cannot be read: %s", path,
                 strerror(failure));
}

void search_file(struct search *search, int fd, const char *path)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        leave_out(search, path, errno);
        return;
    }
    if (st.st_size > search->request->max_file_size) {
        search->too_large++;
        return;
    }
    size_t size = (size_t)st.st_size;
    if (!reserve(search, size + 1))
        return;
    ssize_t len = read_on(search, fd, 0, size < BINARY_BYTES ? size : BINARY_BYTES);
    if (len > 0 && memchr(search->data, '\0', (size_t)len)) {
        search->binary++;
        return;
    }
    if (len >= 0)
        len = read_on(search, fd, (size_t)len, size);
    if (len < 0) {
        leave_out(search, path, errno);
        return;
    }
    search->searched++;
    search_text(search, path, &(struct text){search->data, (size_t)len});
}
