/*
 * SPDX-License-Identifier: MIT
 */
#include "web-kit/hidden.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Below this an element is too small to be read. */
#define SMALL_PX 2.0

/* Further away than this is outside of the screen. */
#define FAR_PX (-500.0)

struct style {
    bool gone, clips, away;
    bool no_width, no_height;
    char color[32], background[32];
};

struct value {
    char text[64]; /* small letters, no blanks */
    double number; /* at its beginning */
    bool is_number;
    const char *unit;
};

static struct value take_value(const char *at, size_t len)
{
    struct value v = {0};
    size_t out = 0;
    char *end;
    for (size_t i = 0; i < len && out + 1 < sizeof(v.text); i++) {
        char c = at[i];
        if (c == '!')
            break;
        if ((unsigned char)c > ' ')
            v.text[out++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    v.number = strtod(v.text, &end);
    v.is_number = end != v.text;
    v.unit = end;
    return v;
}

static bool is(const struct value *v, const char *text)
{
    return strcmp(v->text, text) == 0;
}

static bool begins(const struct value *v, const char *text)
{
    return strncmp(v->text, text, strlen(text)) == 0;
}

static bool is_small(const struct value *v)
{
    bool points = strcmp(v->unit, "px") == 0 || strcmp(v->unit, "pt") == 0;
    return v->is_number && (v->number <= 0 || (points && v->number <= SMALL_PX));
}

static bool is_far(const struct value *v)
{
    bool widths = strcmp(v->unit, "em") == 0 || strcmp(v->unit, "rem") == 0 ||
                  strcmp(v->unit, "vw") == 0 || strcmp(v->unit, "%") == 0;
    return v->is_number && v->number <= (widths ? FAR_PX / 10 : FAR_PX);
}

static bool hides(const char *name, const struct value *v)
{
    if (strcmp(name, "display") == 0)
        return is(v, "none");
    if (strcmp(name, "visibility") == 0)
        return is(v, "hidden") || is(v, "collapse");
    if (strcmp(name, "content-visibility") == 0)
        return is(v, "hidden");
    if (strcmp(name, "opacity") == 0)
        return v->is_number && v->number <= (strcmp(v->unit, "%") == 0 ? 5 : 0.05);
    if (strcmp(name, "font-size") == 0)
        return is_small(v);
    if (strcmp(name, "text-indent") == 0)
        return is_far(v);
    if (strcmp(name, "clip") == 0)
        return begins(v, "rect(0") || begins(v, "rect(1px");
    if (strcmp(name, "clip-path") == 0)
        return begins(v, "inset(50%") || begins(v, "inset(100%") || begins(v, "circle(0");
    if (strcmp(name, "transform") == 0)
        return begins(v, "scale(0)") || begins(v, "scale(0,");
    return false;
}

static void copy(char out[32], const char *text)
{
    size_t len = strnlen(text, 31);
    memcpy(out, text, len);
    out[len] = '\0';
}

static void take(struct style *s, const char *name, const struct value *v)
{
    static const char *const sides[] = {"left", "top", "right", "bottom", "margin-left", "margin-top"};
    if (hides(name, v))
        s->gone = true;
    else if (strcmp(name, "overflow") == 0)
        s->clips = s->clips || is(v, "hidden") || is(v, "clip");
    else if (strcmp(name, "width") == 0 || strcmp(name, "max-width") == 0)
        s->no_width = s->no_width || is_small(v);
    else if (strcmp(name, "height") == 0 || strcmp(name, "max-height") == 0)
        s->no_height = s->no_height || is_small(v);
    else if (strcmp(name, "color") == 0)
        copy(s->color, v->text);
    else if (strcmp(name, "background") == 0 || strcmp(name, "background-color") == 0)
        copy(s->background, v->text);
    for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
        if (strcmp(name, sides[i]) == 0)
            s->away = s->away || is_far(v);
}

static void read_style(const char *text, struct style *s)
{
    while (*text) {
        size_t len = strcspn(text, ";"), colon = strcspn(text, ":");
        if (colon < len) {
            struct value name = take_value(text, colon);
            struct value v = take_value(text + colon + 1, len - colon - 1);
            take(s, name.text, &v);
        }
        text += len + (text[len] == ';');
    }
}

static bool is_unseen(const struct style *s)
{
    if (s->gone || s->away || (s->clips && (s->no_width || s->no_height)) ||
        (s->no_width && s->no_height))
        return true;
    return strcmp(s->color, "transparent") == 0 ||
           (s->color[0] != '\0' && strcmp(s->color, s->background) == 0);
}

bool hidden_element(myhtml_tree_node_t *node)
{
    const char *hidden = html_attribute(node, "hidden");
    const char *aria = html_attribute(node, "aria-hidden");
    const char *text = html_attribute(node, "style");
    struct style s = {0};
    if ((hidden && strcasecmp(hidden, "until-found") != 0) || (aria && strcasecmp(aria, "true") == 0))
        return true;
    if (text)
        read_style(text, &s);
    return text && is_unseen(&s);
}

size_t hidden_character(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] == 0xC2 && s[1] == 0xAD) /* soft hyphen */
        return 2;
    if (s[0] == 0xE2 && s[1] == 0x80 && (s[2] == 0x8B || s[2] == 0x8E || s[2] == 0x8F ||
                                         (s[2] >= 0xAA && s[2] <= 0xAE)))
        return 3;
    if (s[0] == 0xE2 && s[1] == 0x81 && s[2] >= 0xA0 && s[2] <= 0xAF)
        return 3;
    if (s[0] == 0xEF && s[1] == 0xBB && s[2] == 0xBF)
        return 3;
    /* U+E0000 to U+E0FFF: tags and variants of tags. */
    if (s[0] == 0xF3 && s[1] == 0xA0 && s[2] >= 0x80 && s[3] >= 0x80)
        return 4;
    return 0;
}
