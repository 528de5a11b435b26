/*
 * tera_number.c - filters of numbers, and those of any value.
 *
 * SPDX-License-Identifier: MIT
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tera_eval.h"

static double number_of(const struct called *c, const struct value *value)
{
    char digits[64], *behind;
    if (value->type == VALUE_NUMBER)
        return value->number;
    if (value->type == VALUE_STRING && value->text.len > 0 && value->text.len < sizeof(digits)) {
        memcpy(digits, value->text.ptr, value->text.len);
        digits[value->text.len] = '\0';
        double number = strtod(digits, &behind);
        if (*behind == '\0' && isfinite(number))
            return number;
    }
    called_fail(c, "it is for numbers, but got %s", value_type_name(value));
    return 0;
}

static struct value round_number(const struct called *c, const struct value *value)
{
    double number = number_of(c, value), digits = called_number(c, "precision", 1, 0), scale;
    hexmcp_str how = called_text(c, "method", 0, "common");
    if (!(digits >= 0 && digits <= 15))
        return called_fail(c, "precision is from 0 to 15");
    scale = pow(10, floor(digits));
    number *= scale;
    number = text_is(how, "ceil") ? ceil(number) : text_is(how, "floor") ? floor(number) : round(number);
    return value_of_number(number / scale);
}

static struct value file_size(const struct called *c, const struct value *value)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double size = number_of(c, value);
    char text[40];
    size_t unit = 0;
    while (fabs(size) >= 1024 && unit < 5) {
        size /= 1024;
        unit++;
    }
    snprintf(text, sizeof(text), unit ? "%.1f %s" : "%.0f %s", size, units[unit]);
    return value_of_text(render_copy(c->render, hexmcp_str_from(text)));
}

static struct value json(const struct called *c, const struct value *value)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    value_write_json(&w, value);
    struct value text = value_of_text(render_copy(c->render, hexmcp_json_writer_text(&w)));
    hexmcp_json_writer_free(&w);
    return text;
}

/* Its own text; of a number without what it looked like. */
static struct value string(const struct called *c, const struct value *value)
{
    return value_of_text(value_text(c->render, value));
}

bool filter_number(const struct called *c, struct value *value)
{
    if (text_is(c->name, "abs"))
        *value = value_of_number(fabs(number_of(c, value)));
    else if (text_is(c->name, "int"))
        *value = value_of_number(trunc(number_of(c, value)));
    else if (text_is(c->name, "float"))
        *value = value_of_number(number_of(c, value));
    else if (text_is(c->name, "round"))
        *value = round_number(c, value);
    else if (text_is(c->name, "filesizeformat"))
        *value = file_size(c, value);
    else if (text_is(c->name, "json_encode") || text_is(c->name, "tojson"))
        *value = json(c, value);
    else if (text_is(c->name, "string") || text_is(c->name, "as_str"))
        *value = string(c, value);
    else
        return false;
    return true;
}
