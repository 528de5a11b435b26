#include "adapters/driving/cli/completion/offer.h"

#include "adapters/driving/cli/plain.h"

static void put(struct str text)
{
    fwrite(text.ptr, 1, text.len, stdout);
}

/* True if it is shown as it is, on one line. */
static bool is_plain(struct str text)
{
    size_t shown = 0;
    for (size_t i = 0; i < text.len; i++)
        shown += (unsigned char)text.ptr[i] < 0x20 || (unsigned char)text.ptr[i] == 0x7F;
    return shown == 0 && !plain_changes(text);
}

void offer(const struct offers *offers, struct str text, const char *tail, struct str about)
{
    if (!text.len || !str_starts(text, offers->typed) || !is_plain(text))
        return;
    put(offers->before);
    put(text);
    printf("%s\t", tail);
    plain_put_line(stdout, about, 0);
    putchar('\n');
}

void offer_begin(const struct offers *offers, const char *kind)
{
    printf("%s ", kind);
    put(offers->before);
    putchar('\n');
}

struct offers offers_behind(const struct offers *offers, size_t len)
{
    return (struct offers){
        .before = {offers->before.len ? offers->before.ptr : offers->typed.ptr,
                   offers->before.len + len},
        .typed = {offers->typed.ptr + len, offers->typed.len - len},
    };
}

void offer_words(const struct offers *offers, struct str words, char between)
{
    while (words.len) {
        const char *end = memchr(words.ptr, between, words.len);
        size_t len = end ? (size_t)(end - words.ptr) : words.len;
        offer(offers, (struct str){words.ptr, len}, "", STR(""));
        len += end ? 1 : 0;
        words = (struct str){words.ptr + len, words.len - len};
    }
}
