/* Inside of core/artifact: what a garbage collection remembers. */
#pragma once

struct gc;

/* NULL is allowed. */
void gc_free(struct gc *gc);
