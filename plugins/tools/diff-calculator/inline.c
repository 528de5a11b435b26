/*
 * SPDX-License-Identifier: MIT
 */
#include "formats.h"
#include "symbols.h"

#include "hexmcp/json.h"

/* A block with more words than that is shown by whole lines. */
#define WORDS_MAX ((size_t)100000)

/* The words of the lines that a block takes out, then those of the lines that it puts in. */
struct words {
    hexmcp_str *items;
    uint32_t *ids;
    size_t old_count;
    size_t new_count;
};

/* The lines from `at` on are neighbours in the text. */
static hexmcp_str text_of(const struct lines *lines, size_t at, size_t count)
{
    hexmcp_str text = {"", 0};
    if (count > 0)
        text.ptr = lines->items[at].ptr;
    for (size_t i = at; i < at + count; i++)
        text.len += lines->items[i].len;
    return text;
}

/* Letters and digits, beyond ASCII everything, and blanks make words of several bytes; of the
 * others each byte is one. */
static int kind_of(char c)
{
    unsigned char u = (unsigned char)c;
    if (u == ' ' || u == '\t')
        return 1;
    if (u >= 0x80 || u == '_' || (u >= '0' && u <= '9') || ((u | 32) >= 'a' && (u | 32) <= 'z'))
        return 2;
    return 0;
}

/* Cuts a word off `rest`, which is not empty. */
static hexmcp_str next_word(hexmcp_str *rest)
{
    hexmcp_str word = {rest->ptr, 1};
    int kind = kind_of(rest->ptr[0]);
    while (kind != 0 && word.len < rest->len && kind_of(rest->ptr[word.len]) == kind)
        word.len++;
    rest->ptr += word.len;
    rest->len -= word.len;
    return word;
}

/* At most `max` are counted; they go to `items` if that is not NULL. */
static size_t take_words(hexmcp_str text, size_t max, hexmcp_str *items)
{
    size_t count = 0;
    for (; text.len > 0 && count < max; count++) {
        hexmcp_str word = next_word(&text);
        if (items)
            items[count] = word;
    }
    return count;
}

static int32_t words_take(hexmcp_str old_text, hexmcp_str new_text, struct words *words,
                          hexmcp_error *err)
{
    size_t count = words->old_count + words->new_count;
    words->items = malloc((count + 1) * sizeof(*words->items));
    words->ids = malloc((count + 1) * sizeof(*words->ids));
    if (!words->items || !words->ids)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for %zu words; try again", count);
    take_words(old_text, words->old_count, words->items);
    take_words(new_text, words->new_count, words->items + words->old_count);
    return symbols_number(words->items, count, words->ids, err);
}

static void marked(struct output *out, const char *begin, hexmcp_str text, const char *end)
{
    if (text.len == 0)
        return;
    output_put(out, hexmcp_str_from(begin));
    output_put(out, text);
    output_put(out, hexmcp_str_from(end));
}

static void replaced(struct output *out, hexmcp_str old_text, hexmcp_str new_text)
{
    marked(out, "[-", old_text, "-]");
    marked(out, "{+", new_text, "+}");
}

static void write_words(struct output *out, const struct words *words, const struct blocks *blocks)
{
    const struct lines old_words = {words->items, words->old_count};
    const struct lines new_words = {words->items + words->old_count, words->new_count};
    size_t at = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *b = &blocks->items[i];
        output_put(out, text_of(&old_words, at, b->old_at - at));
        replaced(out, text_of(&old_words, b->old_at, b->old_count),
                 text_of(&new_words, b->new_at, b->new_count));
        at = b->old_at + b->old_count;
    }
    output_put(out, text_of(&old_words, at, words->old_count - at));
}

static int32_t by_words(struct align *align, const struct work *work, hexmcp_str old_text,
                        hexmcp_str new_text, struct words *words, struct output *out,
                        hexmcp_error *err)
{
    struct blocks blocks;
    int32_t status = words_take(old_text, new_text, words, err);
    if (status == HEXMCP_OK)
        status = align_run(align, work, (struct symbols){words->ids, words->old_count},
                           (struct symbols){words->ids + words->old_count, words->new_count}, 0,
                           &blocks, err);
    if (status == HEXMCP_OK) {
        write_words(out, words, &blocks);
        blocks_free(&blocks);
    }
    free(words->items);
    free(words->ids);
    return status;
}

static int32_t write_block(struct align *align, const struct work *work, const struct comparison *c,
                           const struct block *b, struct output *out, hexmcp_error *err)
{
    hexmcp_str old_text = text_of(&c->old_lines, b->old_at, b->old_count);
    hexmcp_str new_text = text_of(&c->new_lines, b->new_at, b->new_count);
    struct words words = {.old_count = take_words(old_text, WORDS_MAX, NULL),
                          .new_count = take_words(new_text, WORDS_MAX, NULL)};
    if (words.old_count > 0 && words.new_count > 0 &&
        words.old_count + words.new_count < WORDS_MAX)
        return by_words(align, work, old_text, new_text, &words, out, err);
    replaced(out, old_text, new_text);
    return HEXMCP_OK;
}

int32_t format_inline(struct align *align, const struct work *work, const struct comparison *c,
                      struct output *out, hexmcp_error *err)
{
    size_t at = 0;
    for (size_t i = 0; i < c->blocks.count && out->status == HEXMCP_OK; i++) {
        const struct block *b = &c->blocks.items[i];
        output_put(out, text_of(&c->old_lines, at, b->old_at - at));
        int32_t status = write_block(align, work, c, b, out, err);
        if (status != HEXMCP_OK)
            return status;
        at = b->old_at + b->old_count;
    }
    if (c->blocks.count > 0)
        output_put(out, text_of(&c->old_lines, at, c->old_lines.count - at));
    return HEXMCP_OK;
}
