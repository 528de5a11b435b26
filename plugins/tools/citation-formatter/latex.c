/*
 * SPDX-License-Identifier: MIT
 */
#include "latex.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* What follows a letter in UTF-8 to put the accent on it; all are combining characters. */
static const struct {
    char command;
    const char *mark;
} accents[] = {{'`', "\xcc\x80"},  {'\'', "\xcc\x81"}, {'^', "\xcc\x82"}, {'~', "\xcc\x83"}, {'=', "\xcc\x84"},
               {'u', "\xcc\x86"},  {'.', "\xcc\x87"},  {'"', "\xcc\x88"}, {'r', "\xcc\x8a"}, {'H', "\xcc\x8b"},
               {'v', "\xcc\x8c"},  {'d', "\xcc\xa3"},  {'c', "\xcc\xa7"}, {'k', "\xcc\xa8"}, {'b', "\xcc\xb1"}};

/* Pairs that have a character of their own: accent, letters, and these with it. */
static const struct {
    char command;
    const char *letters;
    const char *composed[12];
} known[] = {
    {'`', "aeiouAEIOU", {"à", "è", "ì", "ò", "ù", "À", "È", "Ì", "Ò", "Ù"}},
    {'\'', "aeiouyAEIOUY", {"á", "é", "í", "ó", "ú", "ý", "Á", "É", "Í", "Ó", "Ú", "Ý"}},
    {'^', "aeiouAEIOU", {"â", "ê", "î", "ô", "û", "Â", "Ê", "Î", "Ô", "Û"}},
    {'"', "aeiouyAEIOU", {"ä", "ë", "ï", "ö", "ü", "ÿ", "Ä", "Ë", "Ï", "Ö", "Ü"}},
    {'~', "anoANO", {"ã", "ñ", "õ", "Ã", "Ñ", "Õ"}},
    {'v', "cszerndCSZERN", {"č", "š", "ž", "ě", "ř", "ň", "ď", "Č", "Š", "Ž", "Ě", "Ř"}},
    {'c', "csCS", {"ç", "ş", "Ç", "Ş"}},
    {'r', "auAU", {"å", "ů", "Å", "Ů"}},
    {'k', "aeAE", {"ą", "ę", "Ą", "Ę"}},
    {'H', "ouOU", {"ő", "ű", "Ő", "Ű"}},
    {'.', "zZI", {"ż", "Ż", "İ"}},
    {'u', "agAG", {"ă", "ğ", "Ă", "Ğ"}},
    {'=', "aeiouAEIOU", {"ā", "ē", "ī", "ō", "ū", "Ā", "Ē", "Ī", "Ō", "Ū"}},
};

static const char sharp[] = "nszcNSZC";
static const char *const with_acute[] = {"ń", "ś", "ź", "ć", "Ń", "Ś", "Ź", "Ć"};

static const struct {
    const char *command, *text;
} letters[] = {{"ss", "ß"}, {"ae", "æ"}, {"AE", "Æ"}, {"oe", "œ"}, {"OE", "Œ"}, {"aa", "å"},
               {"AA", "Å"}, {"o", "ø"},  {"O", "Ø"},  {"l", "ł"},  {"L", "Ł"},  {"i", "i"},
               {"j", "j"},  {"dh", "ð"}, {"th", "þ"}, {"TH", "Þ"}, {"dots", "…"}, {"ldots", "…"},
               {"textendash", "–"}, {"textemdash", "—"}, {"textquoteright", "’"}, {"textbackslash", "\\"}};

struct writer {
    const char *at, *end;
    char *to;
    char *start;
};

static void put(struct writer *w, const char *text)
{
    size_t len = strlen(text);
    memcpy(w->to, text, len);
    w->to += len;
}

static const char *composed_of(char command, char letter)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const char *at = known[i].command == command ? strchr(known[i].letters, letter) : NULL;
        size_t place = at ? (size_t)(at - known[i].letters) : 12;
        if (at && *at && place < 12 && known[i].composed[place])
            return known[i].composed[place];
    }
    const char *at = command == '\'' ? strchr(sharp, letter) : NULL;
    return at && *at ? with_acute[at - sharp] : NULL;
}

static const char *mark_of(char command)
{
    for (size_t i = 0; i < sizeof(accents) / sizeof(accents[0]); i++)
        if (accents[i].command == command)
            return accents[i].mark;
    return NULL;
}

/* The letter that an accent is for: "{e}", "e", "{\i}", " e". */
static bool put_accent(struct writer *w, char command)
{
    const char *at = w->at;
    int open = 0;
    while (at < w->end && (*at == '{' || *at == ' ') && open < 2)
        open += *at++ == '{';
    if (at + 1 < w->end && *at == '\\' && (at[1] == 'i' || at[1] == 'j'))
        at++;
    if (at >= w->end || !isalpha((unsigned char)*at))
        return false;
    const char *whole = composed_of(command, *at);
    if (whole)
        put(w, whole);
    else
        *w->to++ = *at;
    if (!whole)
        put(w, mark_of(command));
    for (at++; open > 0 && at < w->end && *at == '}'; open--)
        at++;
    w->at = at;
    return true;
}

/* Behind a backslash. Accents that are letters are commands only alone: \v{c}, not \vec. */
static void put_command(struct writer *w)
{
    const char *at = w->at;
    if (at == w->end)
        return;
    size_t len = 0;
    while (at + len < w->end && isalpha((unsigned char)at[len]))
        len++;
    if (len <= 1 && mark_of(*at)) {
        w->at = at + 1;
        if (!put_accent(w, *at))
            w->at = at + 1;
        return;
    }
    if (len == 0) {
        if (strchr("&%$#_{} -", *at) && *at != '-')
            *w->to++ = *at;
        w->at = at + 1;
        return;
    }
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
        if (strlen(letters[i].command) == len && strncmp(letters[i].command, at, len) == 0)
            put(w, letters[i].text);
    w->at = at + len;
    while (w->at < w->end && *w->at == ' ')
        w->at++;
}

static bool at_text(const struct writer *w, const char *text)
{
    size_t len = strlen(text);
    return (size_t)(w->end - w->at) >= len && strncmp(w->at, text, len) == 0;
}

static bool put_sign(struct writer *w)
{
    static const struct {
        const char *sign, *text;
    } signs[] = {{"---", "—"}, {"--", "–"}, {"``", "“"}, {"''", "”"}};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (at_text(w, signs[i].sign)) {
            put(w, signs[i].text);
            w->at += strlen(signs[i].sign);
            return true;
        }
    return false;
}

void latex_plain(const char *from, size_t len, char *to)
{
    struct writer w = {from, from + len, to, to};
    while (w.at < w.end) {
        char c = *w.at;
        if (c == '\\') {
            w.at++;
            put_command(&w);
        } else if (put_sign(&w) || c == '{' || c == '}' || c == '$') {
            w.at += c == '{' || c == '}' || c == '$';
        } else if (isspace((unsigned char)c) || c == '~') {
            if (w.to > w.start && w.to[-1] != ' ')
                *w.to++ = ' ';
            w.at++;
        } else {
            *w.to++ = c;
            w.at++;
        }
    }
    while (w.to > w.start && w.to[-1] == ' ')
        w.to--;
    *w.to = '\0';
}
