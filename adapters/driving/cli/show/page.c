#include "adapters/driving/cli/show/page.h"

#include <stdio.h>
#include <unistd.h>

#include "adapters/driving/cli/plain.h"
#include "adapters/driving/cli/terminal.h"

/* Where less room than this is left, lines are not broken. */
#define ROOM_MIN 20u

struct page page_open(void)
{
    return (struct page){.columns = terminal_columns(STDOUT_FILENO)};
}

static struct str take_until(struct str *text, char end)
{
    const char *at = text->len ? memchr(text->ptr, end, text->len) : NULL;
    size_t len = at ? (size_t)(at - text->ptr) : text->len;
    size_t used = at ? len + 1 : len;
    struct str part = {text->ptr, len};
    *text = (struct str){text->ptr + used, text->len - used};
    return part;
}

static void put_line(unsigned indent, struct str line)
{
    printf("%*s", line.len ? (int)indent : 0, "");
    plain_print(line);
    putchar('\n');
}

static void put_broken(unsigned indent, struct str line, unsigned room)
{
    const char *begin = line.ptr;
    unsigned used = 0;
    while (line.len) {
        struct str word = take_until(&line, ' ');
        unsigned need = plain_columns(word) + (used ? 1 : 0);
        if (used && used + need > room) {
            put_line(indent, (struct str){begin, (size_t)(word.ptr - begin) - 1});
            begin = word.ptr;
            used = need - 1;
        } else {
            used += need;
        }
    }
    put_line(indent, (struct str){begin, (size_t)(line.ptr - begin)});
}

void page_text(const struct page *page, unsigned indent, struct str text)
{
    bool broken = page->columns >= indent + ROOM_MIN;
    do {
        struct str line = take_until(&text, '\n');
        if (broken)
            put_broken(indent, line, page->columns - indent);
        else
            put_line(indent, line);
    } while (text.len);
}

void page_string(const struct page *page, unsigned indent, struct json string)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    if (json_string(string, &scratch, &text))
        page_text(page, indent, text);
    buffer_clear(&scratch);
}

void page_row(const struct page *page, struct str name, unsigned width, struct str text)
{
    unsigned used = plain_put_line(stdout, name, page->columns);
    for (; text.len && (used < width || used == plain_columns(name)); used++)
        putchar(' ');
    if (text.len && (!page->columns || page->columns > used))
        plain_put_line(stdout, text, page->columns ? page->columns - used : 0);
    putchar('\n');
}
