/* What must hold for an edit of a client's file, whatever the text is. */
#pragma once

#include <stdlib.h>

#include "adapters/driving/cli/client/diff.h"
#include "adapters/driving/cli/client/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str client_args[] = {STR_INIT("serve"), STR_INIT("--allow-read"),
                                         STR_INIT("/with space/\"quotes\"\\")};
static const struct client_entry client_entry = {
    .name = STR_INIT("hexmcp"), .command = STR_INIT("/usr/bin/hexmcp"), .args = client_args,
    .arg_count = 3};

static void client_check(bool good)
{
    if (!good)
        abort();
}

static bool client_has(const struct client_format *format, struct str section, struct str text)
{
    struct client_found found;
    struct error err;
    client_check(format->find(text, section, client_entry.name, &found, &err) == ST_OK);
    buffer_clear(&found.command);
    return found.present;
}

/* Adding to the text once more changes nothing. */
static void client_check_again(const struct client_format *format, struct str section,
                               const struct buffer *text)
{
    struct buffer again = BUFFER_INIT;
    struct error err;
    client_check(client_has(format, section, buffer_str(text)));
    client_check(format->put(buffer_str(text), section, &client_entry, &again, &err) == ST_OK);
    client_check(str_eq(buffer_str(text), buffer_str(&again)));
    buffer_clear(&again);
}

/* Taking out what was added gives the text back; `exact`: byte for byte, else one that is the same
 * once the entry is added. */
static void client_check_back(const struct client_format *format, struct str section,
                              struct str before, const struct buffer *after, bool exact)
{
    struct buffer back = BUFFER_INIT, forth = BUFFER_INIT;
    struct error err;
    client_check(format->remove(buffer_str(after), section, client_entry.name, &back, &err) == ST_OK);
    client_check(!client_has(format, section, buffer_str(&back)));
    client_check(!exact || str_eq(buffer_str(&back), before));
    client_check(format->put(buffer_str(&back), section, &client_entry, &forth, &err) == ST_OK);
    client_check(str_eq(buffer_str(&forth), buffer_str(after)));
    buffer_clear(&back);
    buffer_clear(&forth);
}

/* `exact` as above. */
static void client_check_text(const struct client_format *format, struct str section,
                              struct str text, bool exact)
{
    struct buffer after = BUFFER_INIT, back = BUFFER_INIT, diff = BUFFER_INIT;
    struct client_found found;
    struct error err = {.code = ST_OK};
    if (format->find(text, section, client_entry.name, &found, &err)) {
        client_check(err.code == ST_CONFIG && err.text[0]);
        client_check(format->put(text, section, &client_entry, &after, &err) == ST_CONFIG);
        client_check(format->remove(text, section, client_entry.name, &after, &err) == ST_CONFIG);
        buffer_clear(&after);
        return;
    }
    buffer_clear(&found.command);
    if (format->put(text, section, &client_entry, &after, &err) == ST_OK) {
        client_check_again(format, section, &after);
        if (!found.present)
            client_check_back(format, section, text, &after, exact);
        diff_write(&diff, text, buffer_str(&after));
    } else {
        client_check(found.present && err.code == ST_CONFIG && err.text[0]);
    }
    if (found.present) {
        client_check(format->remove(text, section, client_entry.name, &back, &err) == ST_OK);
        client_check(!client_has(format, section, buffer_str(&back)));
    }
    buffer_clear(&after);
    buffer_clear(&back);
    buffer_clear(&diff);
}
