#include "core/search/words.h"

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || is_capital(c) || (unsigned char)c >= 0x80;
}

static bool is_part(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

static bool ends(const struct word *w, const char *ending)
{
    return str_ends((struct str){w->text, w->len}, str_from(ending));
}

static void take_plural(struct word *w)
{
    if (w->len > 4 && ends(w, "ies"))
        w->text[(w->len -= 2) - 1] = 'y';
    else if (w->len > 3 && ends(w, "s") && !ends(w, "ss") && !ends(w, "us") && !ends(w, "is"))
        w->len--;
}

/* "resizing" and "resized" become what "resize" becomes. */
static void take_ending(struct word *w)
{
    size_t before = w->len;
    if (w->len > 5 && ends(w, "ing"))
        w->len -= 3;
    else if (w->len > 4 && ends(w, "ed"))
        w->len -= 2;
    if (w->len < before && w->text[w->len - 1] == w->text[w->len - 2] && w->text[w->len - 1] != 's')
        w->len--;
    if (w->len > 3 && ends(w, "e"))
        w->len--;
}

bool words_next(struct words *words, struct word *out)
{
    const char *at = words->left.ptr, *end = at + words->left.len;
    out->len = 0;
    while (at < end && !is_part(*at))
        at++;
    for (bool small = false; at < end && is_part(*at) && !(small && is_capital(*at)); at++) {
        small = !is_capital(*at);
        if (out->len < WORD_MAX)
            out->text[out->len++] = is_capital(*at) ? (char)(*at - 'A' + 'a') : *at;
    }
    words->left = (struct str){at, (size_t)(end - at)};
    take_plural(out);
    take_ending(out);
    return out->len > 0;
}
