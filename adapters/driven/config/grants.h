/* Inside of config: settings that are lists of grants, and words by plugin id. */
#pragma once

#include "adapters/driven/config/config.h"
#include "core/json/json.h"

/* ST_CONFIG if an entry of the array is no entry of such a list (core/policy/grant_list.h). */
int grants_check(const struct setting *setting, struct json entries, struct error *err);

/* Appends to `out` the entries as far as `before` allows them. ST_CONFIG names one that it does not
 * allow at all. */
int grants_within(const struct setting *setting, struct json before, struct json entries,
                  struct buffer *out, struct error *err);

/* ST_CONFIG if a member of the object is not one of the words of `setting`. */
int words_check(const struct setting *setting, struct json words, struct error *err);

/* Appends `before` with what `words` changes. ST_CONFIG if a word stands behind the one before in the
 * order of `setting`; where there is none, the second word is meant. */
int words_lower(const struct setting *setting, struct json before, struct json words,
                struct buffer *out, struct error *err);
