'use strict';
// The blog: the post that is clapped for, the others of its blog, and how they are changed.

// What a request answered; an error is said below the post, and is null.
async function tell(method, path, body) {
  const answer = await fetch(path, { method, body: body && JSON.stringify(body) }).then(a => a.json());
  $('said').textContent = answer.error || '';
  return answer.error ? null : answer;
}

const here = (post, more) => `?${new URLSearchParams({ post, user, ...more })}`;

function showPost(post) {
  $('title').textContent = post ? post.title : 'Not here';
  $('body').textContent = post ? post.body : 'Nobody has written this post, or it is deleted.';
  $('byline').textContent = !post ? ''
    : ` · ${new Date(post.published_at).toLocaleDateString('en-GB', { dateStyle: 'long' })} · read ` +
      `${post.views.toLocaleString('en')} time${post.views === 1 ? '' : 's'} · ${post.name}: ${post.bio}`;
  for (const id of ['edit', 'delete', 'clap', 'undo'])
    $(id).disabled = !post;
}

function showList(list) {
  $('of').textContent = list ? list.title : 'No blog yet';
  $('write').disabled = !list;
  $('posts').replaceChildren(...(list ? list.posts : []).map(({ post, title }) => {
    const item = document.createElement('li');
    item.value = post;
    if (post === POST)
      item.setAttribute('aria-current', 'page');
    item.append(Object.assign(document.createElement('a'), { href: here(post), textContent: title }));
    return item;
  }));
}

let blog = 1, shown = null;

async function load() {
  const post = await fetch(`/posts/${POST}`).then(a => a.json());
  shown = post.error ? null : post;
  if (shown) {
    blog = shown.blog;
    shown.name = (await fetch(`/users/${shown.author}/profile`).then(a => a.json())).name;
  }
  showPost(shown);
  const list = await fetch(`/blogs/${blog}`).then(a => a.json());
  for (let part = list; part.next; list.posts.push(...part.posts))
    part = await fetch(`/blogs/${blog}?after=${part.next}`).then(a => a.json());
  showList(list.error ? null : list);
}

// Opens the dialog with a text; what to do with what is saved.
function write(title, body, save) {
  $('new-title').value = title;
  $('new-body').value = body;
  $('writing').returnValue = '';
  $('writing').onclose = () => {
    if ($('writing').returnValue === 'save')
      save({ title: $('new-title').value, body: $('new-body').value });
  };
  $('writing').showModal();
}

$('edit').onclick = () => write(shown.title, shown.body, async text => {
  await tell('PUT', `/posts/${POST}`, text) && load();
});
$('write').onclick = () => write('', '', async text => {
  const made = await tell('POST', `/blogs/${blog}/posts`, text);
  if (made)
    location.search = here(made.post);
});
// A deleted post is left for another one, which offers to restore it.
$('delete').onclick = async () => {
  const done = await tell('DELETE', `/posts/${POST}`);
  if (!done)
    return;
  const rest = await fetch(`/blogs/${blog}`).then(a => a.json());
  location.search = here(rest.posts.length ? rest.posts[0].post : 1,
    { deleted: POST, days: Math.round(done.restorable_ms / 86400000) });
};
const deleted = Number(asked.get('deleted'));
if (deleted) {
  $('restore').hidden = false;
  $('restore').textContent = `Restore post ${deleted}`;
  $('said').textContent = `Post ${deleted} is deleted; it can be restored for ${asked.get('days')} days.`;
  $('restore').onclick = async () => {
    if (await tell('POST', `/posts/${deleted}/restore`, ''))
      location.search = here(deleted);
  };
}
load();
