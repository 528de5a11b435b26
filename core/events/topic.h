/* Topics of events and patterns of topics (ports/driven/event_bus.h). */
#pragma once

#include "core/base/str.h"

bool topic_valid(struct str topic);
bool topic_pattern_valid(struct str pattern);

/* True for what the plugin may publish: "plugin.", its id, a dot and more. */
bool topic_is_of(struct str plugin, struct str topic);

/* Both are valid. */
bool topic_matches(struct str pattern, struct str topic);
