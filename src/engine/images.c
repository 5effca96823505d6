/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/images.h"

#include "sys/memfile.h"

void images_init(struct images *images, struct engine_shared *shared)
{
	*images = (struct images){ .shared = shared };
}

static void image_free(struct image *image)
{
	sys_memfile_unmap(image->at, image->size_bytes);
	*image = (struct image){ .at = NULL };
}

void images_deinit(struct images *images)
{
	for (uint32_t i = 0; i < IMAGES_MAX; i++) {
		image_free(&images->worlds[i]);
		image_free(&images->prompts[i]);
	}
}

static struct image *free_place(struct image *images)
{
	for (uint32_t i = 0; i < IMAGES_MAX; i++) {
		if (images[i].at == NULL) {
			return &images[i];
		}
	}
	return NULL;
}

static const char *map_into(struct image *place, int fd, const struct ipc_image *head)
{
	if (place == NULL) {
		return "too many images are in use";
	}
	place->at = sys_memfile_map(fd, head->size_bytes);
	place->size_bytes = head->size_bytes;
	place->generation = head->generation;
	return place->at == NULL ? "no sealed image of that size" : NULL;
}

const char *images_take_prompts(struct images *images, int fd, const struct ipc_image *head)
{
	struct image *place = free_place(images->prompts);
	const char *why = map_into(place, fd, head);

	if (why == NULL) {
		why = prompts_check(place->at, place->size_bytes);
		if (why == NULL && ((const struct prompts *)place->at)->generation != head->generation) {
			why = "the image is of another generation";
		}
	}
	if (why != NULL) {
		if (place != NULL) {
			image_free(place);
		}
		return why;
	}
	images->next_prompts = (uint32_t)(place - images->prompts) + 1;
	atomic_store_explicit(&images->shared->images.at[place - images->prompts], place->at, memory_order_release);
	return NULL;
}

const char *images_take_world(struct images *images, int fd, const struct ipc_image *head)
{
	struct image *place = free_place(images->worlds);
	const char *why = map_into(place, fd, head);

	if (why == NULL) {
		why = world_check(place->at, place->size_bytes);
		if (why == NULL && ((const struct world *)place->at)->generation != head->generation) {
			why = "the image is of another generation";
		}
	}
	if (why != NULL) {
		if (place != NULL) {
			image_free(place);
		}
		return why;
	}
	place->prompts = images->next_prompts;
	images->world = (uint32_t)(place - images->worlds) + 1;
	atomic_store_explicit(&images->shared->world, place->at, memory_order_release);
	return NULL;
}

const struct world *images_world(const struct images *images)
{
	return images->world == 0 ? NULL : images->worlds[images->world - 1].at;
}

const struct prompts *images_prompts(const struct images *images)
{
	const uint32_t prompts = images->world == 0 ? 0 : images->worlds[images->world - 1].prompts;

	return prompts == 0 ? NULL : images->prompts[prompts - 1].at;
}

int images_prompts_at(const struct images *images, uint64_t generation)
{
	for (int i = 0; i < IMAGES_MAX; i++) {
		if (images->prompts[i].at != NULL && images->prompts[i].generation == generation) {
			return i;
		}
	}
	return -1;
}

static bool all_have_seen(const struct engine_shared *shared, uint64_t epoch)
{
	for (uint32_t i = 0; i < shared->thread_count; i++) {
		if (atomic_load_explicit(&shared->seen[i], memory_order_acquire) < epoch) {
			return false;
		}
	}
	return true;
}

/* First time: every thread is to have a turn. Later: gone, if they all had one. */
static bool release(struct images *images, struct image *image)
{
	struct engine_shared *shared = images->shared;

	if (image->released == 0) {
		image->released = atomic_load_explicit(&shared->epoch, memory_order_relaxed) + 1;
		atomic_store_explicit(&shared->epoch, image->released, memory_order_release);
		engine_ring_all(shared);
		return false;
	}
	return all_have_seen(shared, image->released);
}

static bool world_names(const struct images *images, uint32_t prompts)
{
	for (uint32_t i = 0; i < IMAGES_MAX; i++) {
		if (images->worlds[i].at != NULL && images->worlds[i].prompts == prompts + 1) {
			return true;
		}
	}
	return false;
}

void images_sweep(struct images *images, bool (*in_use)(const void *owner, uint64_t generation), const void *owner)
{
	for (uint32_t i = 0; i < IMAGES_MAX; i++) {
		struct image *world = &images->worlds[i];

		if (world->at != NULL && images->world != i + 1 && !in_use(owner, world->generation) &&
		    release(images, world)) {
			image_free(world);
		}
	}
	for (uint32_t i = 0; i < IMAGES_MAX; i++) {
		struct image *prompts = &images->prompts[i];

		if (prompts->at == NULL || images->next_prompts == i + 1 || world_names(images, i) ||
		    prompts->plays > 0) {
			prompts->released = 0;
		} else if (release(images, prompts)) {
			atomic_store_explicit(&images->shared->images.at[i], NULL, memory_order_release);
			image_free(prompts);
		}
	}
}

uint64_t images_deadline_us(const struct images *images, uint64_t sweep_us)
{
	uint32_t worlds = 0, prompts = 0;

	for (uint32_t i = 0; i < IMAGES_MAX; i++) {
		worlds += images->worlds[i].at != NULL;
		prompts += images->prompts[i].at != NULL;
	}
	return worlds > 1 || prompts > 1 ? sweep_us : TG_NEVER;
}
