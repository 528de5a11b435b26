/*
 * SPDX-License-Identifier: MIT
 */
#include "reader.h"

#include <csv.h>
#include <errno.h>
#include <iconv.h>
#include <unistd.h>

#define PIECE ((size_t)128 * 1024)

struct run {
    struct reader *reader;
    reader_row_fn take;
    void *arg;
    struct csv_parser csv;
    iconv_t iconv;         /* NULL: UTF-8 */
    char held[16];         /* bytes of a character that goes on in the next piece */
    size_t held_len;
    struct bytes row;      /* the texts of the fields, each ended by NUL */
    size_t ends[READER_FIELDS_MOST];
    hexmcp_str fields[READER_FIELDS_MOST];
    size_t count;
    uint64_t line;         /* that is read now */
    uint64_t row_line;     /* that the row began on */
    bool row_begun;
    bool after_cr;
    bool more;
    int32_t status;
};

/* ---- rows ----------------------------------------------------------------------------------- */

static void fail(struct run *run, int32_t code, const char *text, size_t number)
{
    if (run->status == HEXMCP_OK)
        run->status = hexmcp_fail(run->reader->r->err, code, text, (unsigned long long)run->row_line,
                                  number);
}

static void take_field(void *text, size_t len, void *arg)
{
    struct run *run = arg;
    if (run->status != HEXMCP_OK || !run->more)
        return;
    if (run->count == READER_FIELDS_MOST) {
        fail(run, HEXMCP_E_TOO_LARGE,
             "the row on line %llu has more than %zu fields; is the delimiter right?",
             READER_FIELDS_MOST);
        return;
    }
    if (!bytes_add(&run->row, text ? text : "", len) || !bytes_add(&run->row, "", 1)) {
        fail(run, HEXMCP_E_NOMEM, "out of memory for the row on line %llu (%zu fields); try again",
             run->count);
        return;
    }
    run->ends[run->count++] = run->row.len;
}

static void take_row(int end, void *arg)
{
    struct run *run = arg;
    struct row row = {run->fields, run->count, run->row_line};
    (void)end;
    for (size_t i = 0; i < run->count; i++) {
        size_t begin = i ? run->ends[i - 1] : 0;
        run->fields[i] = (hexmcp_str){run->row.ptr + begin, run->ends[i] - begin - 1};
    }
    if (run->status == HEXMCP_OK && run->more && run->count > 0)
        run->status = run->take(run->arg, &row, &run->more, run->reader->r->err);
    run->row.len = 0;
    run->count = 0;
    run->row_begun = false;
}

/* ---- lines ---------------------------------------------------------------------------------- */

static void feed(struct run *run, const char *text, size_t len)
{
    if (len == 0 || run->status != HEXMCP_OK || !run->more)
        return;
    if (!run->row_begun) {
        run->row_begun = true;
        run->row_line = run->line;
    }
    if (csv_parse(&run->csv, text, len, take_field, take_row, run) != len && run->status == HEXMCP_OK)
        fail(run, HEXMCP_E_NOMEM, "out of memory for the row on line %llu (%zu fields)", run->count);
    if (run->row.len + run->csv.entry_pos > READER_ROW_MOST)
        fail(run, HEXMCP_E_TOO_LARGE,
             "the row that begins on line %llu has more than %zu bytes; is a quote missing there?",
             READER_ROW_MOST);
}

/* Line by line, so that each row knows where it begins. */
static void feed_lines(struct run *run, const char *text, size_t len)
{
    for (size_t at = 0; at < len && run->status == HEXMCP_OK && run->more;) {
        size_t end = at;
        if (run->after_cr && text[at] == '\n') {
            run->after_cr = false;
            feed(run, text + at++, 1);
            /* Behind CR it is a line of its own for libcsv, without anything. */
            if (run->count == 0 && run->csv.pstate == 0)
                run->row_begun = false;
            continue;
        }
        while (end < len && text[end] != '\n' && text[end] != '\r')
            end++;
        bool line_ends = end < len;
        end += line_ends;
        feed(run, text + at, end - at);
        if (line_ends) {
            run->line++;
            if (run->count == 0 && run->csv.pstate == 0)
                run->row_begun = false;
        }
        run->after_cr = line_ends && text[end - 1] == '\r';
        at = end;
    }
}

/* ---- encodings ------------------------------------------------------------------------------ */

#define REPLACEMENT "\xEF\xBF\xBD"

static void note_broken(struct run *run)
{
    if (run->reader->broken++ == 0)
        run->reader->broken_line = run->line;
}

/* The length of the character of UTF-8 at `s`; 0 if it is none, SIZE_MAX if it goes on behind `left`. */
static size_t character(const unsigned char *s, size_t left)
{
    size_t len = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    for (size_t i = 1; i < len; i++) {
        if (i == left)
            return SIZE_MAX;
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    }
    if (len == 3 && ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F)))
        return 0;
    if (len == 4 && ((s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F)))
        return 0;
    return len;
}

/* What is no UTF-8 is replaced. Returns how many bytes were used: the rest is an unfinished character. */
static size_t feed_utf8(struct run *run, const char *text, size_t len, bool last)
{
    size_t from = 0, at = 0;
    while (at < len) {
        size_t n = character((const unsigned char *)text + at, len - at);
        if (n == SIZE_MAX && !last)
            break;
        if (n == 0 || n == SIZE_MAX) {
            feed_lines(run, text + from, at - from);
            note_broken(run);
            feed_lines(run, REPLACEMENT, 3);
            from = at + 1;
            n = 1;
        }
        at += n;
    }
    feed_lines(run, text + from, at - from);
    return at;
}

static size_t feed_other(struct run *run, char *text, size_t len, bool last)
{
    char out[4096];
    char *in = text;
    size_t left = len;
    while (left > 0 && run->status == HEXMCP_OK && run->more) {
        char *to = out;
        size_t room = sizeof(out);
        size_t got = iconv(run->iconv, &in, &left, &to, &room);
        int why = errno;
        feed_lines(run, out, (size_t)(to - out));
        if (got != (size_t)-1 || why == E2BIG)
            continue;
        if (why == EINVAL && !last)
            break;
        note_broken(run);
        feed_lines(run, REPLACEMENT, 3);
        in++;
        left--;
    }
    return len - left;
}

static void feed_bytes(struct run *run, char *text, size_t len, bool last)
{
    size_t used = run->iconv ? feed_other(run, text, len, last) : feed_utf8(run, text, len, last);
    size_t rest = len - used;
    run->held_len = rest <= sizeof(run->held) ? rest : 0;
    memcpy(run->held, text + used, run->held_len);
}

/* ---- the source ----------------------------------------------------------------------------- */

static int32_t fail_read(const struct reader *reader)
{
    return hexmcp_fail(reader->r->err, HEXMCP_E_GENERIC, "the file cannot be read: %s; try again",
                       strerror(errno));
}

static ssize_t read_piece(const struct reader *reader, uint64_t at, char *out, size_t room)
{
    if (reader->fd < 0) {
        size_t left = at < reader->text.len ? reader->text.len - at : 0;
        size_t len = left < room ? left : room;
        if (len > 0)
            memcpy(out, reader->text.ptr + at, len);
        return (ssize_t)len;
    }
    ssize_t got;
    do
        got = pread(reader->fd, out, room, (off_t)at);
    while (got < 0 && errno == EINTR);
    return got;
}

int32_t reader_begin(struct reader *reader, char *out, size_t room, size_t *len)
{
    *len = 0;
    while (*len < room) {
        ssize_t got = read_piece(reader, *len, out + *len, room - *len);
        if (got < 0)
            return fail_read(reader);
        if (got == 0)
            break;
        *len += (size_t)got;
    }
    return HEXMCP_OK;
}

static void read_all(struct run *run, char *piece)
{
    struct reader *reader = run->reader;
    uint64_t at = reader->skip;
    while (run->status == HEXMCP_OK && run->more) {
        memcpy(piece, run->held, run->held_len);
        ssize_t got = read_piece(reader, at, piece + run->held_len, PIECE);
        if (got < 0) {
            run->status = fail_read(reader);
            return;
        }
        feed_bytes(run, piece, run->held_len + (size_t)got, got == 0);
        at += (uint64_t)got;
        if (run->status == HEXMCP_OK)
            run->status = pace_step(reader->pace, (double)at, (double)reader->size, "reading rows");
        if (got == 0)
            return;
    }
}

static int not_space(unsigned char c)
{
    (void)c;
    return 0;
}

static int32_t open_run(struct run *run)
{
    struct reader *reader = run->reader;
    if (reader->encoding) {
        run->iconv = iconv_open("UTF-8", reader->encoding);
        if (run->iconv == (iconv_t)-1)
            return hexmcp_fail(reader->r->err, HEXMCP_E_UNSUPPORTED,
                               "the encoding %s is unknown here; convert the file with file-converter first",
                               reader->encoding);
    }
    if (csv_init(&run->csv, CSV_APPEND_NULL) != 0) {
        if (run->iconv)
            iconv_close(run->iconv);
        return hexmcp_fail(reader->r->err, HEXMCP_E_NOMEM, "out of memory for the parser; try again");
    }
    csv_set_delim(&run->csv, (unsigned char)reader->delimiter);
    csv_set_quote(&run->csv, (unsigned char)reader->quote);
    csv_set_space_func(&run->csv, not_space);
    csv_set_blk_size(&run->csv, 4096);
    return HEXMCP_OK;
}

static void finish(struct run *run)
{
    if (run->status != HEXMCP_OK || !run->more)
        return;
    /* FIELD_BEGUN of libcsv */
    run->reader->open_quote = run->csv.pstate == 2 && run->csv.quoted;
    csv_fini(&run->csv, take_field, take_row, run);
}

int32_t reader_run(struct reader *reader, reader_row_fn take, void *arg)
{
    struct run *run = calloc(1, sizeof(*run));
    char *piece = malloc(PIECE + sizeof(run->held));
    int32_t status = HEXMCP_E_NOMEM;
    reader->broken = 0;
    reader->open_quote = false;
    if (run && piece) {
        run->reader = reader;
        run->take = take;
        run->arg = arg;
        run->line = 1;
        run->more = true;
        status = open_run(run);
    } else {
        hexmcp_fail(reader->r->err, status, "out of memory for the rows; try again");
    }
    if (status == HEXMCP_OK) {
        read_all(run, piece);
        finish(run);
        status = run->status;
        bytes_free(&run->row);
        csv_free(&run->csv);
        if (run->iconv)
            iconv_close(run->iconv);
    }
    free(piece);
    free(run);
    return status;
}
