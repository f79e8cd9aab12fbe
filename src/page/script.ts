/**
 * What the page can do beyond being read: a click on a picture or on a line plays the recording from there, and while it
 * plays, pictures and lines follow. Nothing of a call is written into it, so that its hash can be the only one allowed.
 */
export const SCRIPT = `
(function () {
  'use strict';
  var audio = document.querySelector('audio');
  var plots = Array.prototype.map.call(document.querySelectorAll('svg.plot'), function (svg) {
    var knots = svg.dataset.knots.split(' ').map(function (knot) { return knot.split(':').map(Number); });
    return { svg: svg, knots: knots, head: svg.querySelector('.playhead') };
  });
  var scenes = Array.prototype.slice.call(document.querySelectorAll('.scene'));
  var lines = Array.prototype.slice.call(document.querySelectorAll('.line.caller, .line.agent'));
  var isFollowing = false, shownScene, shownLine;

  // ---- between a place on a picture and a time of the call

  function translate(knots, from, to, value) {
    for (var i = 1; i < knots.length; i++) {
      if (value > knots[i][from] && i < knots.length - 1) continue;
      var span = knots[i][from] - knots[i - 1][from];
      var part = span === 0 ? 0 : (value - knots[i - 1][from]) / span;
      return knots[i - 1][to] + Math.min(1, Math.max(0, part)) * (knots[i][to] - knots[i - 1][to]);
    }
    return knots[0][to];
  }

  function timeAt(plot, clientX) {
    var box = plot.svg.getBoundingClientRect();
    return translate(plot.knots, 0, 1, (clientX - box.left) / box.width);
  }

  function sceneAt(ms) {
    for (var i = scenes.length - 1; i > 0; i--) if (ms >= Number(scenes[i].dataset.from)) return scenes[i];
    return scenes[0];
  }

  // ---- a click

  function seek(ms) {
    audio.currentTime = Math.max(0, ms / 1000);
    var playing = audio.play();
    if (playing) playing.catch(function () {});
    follow();
  }

  plots.forEach(function (plot) {
    plot.svg.addEventListener('click', function (event) {
      var isOverview = plot.svg.classList.contains('overview');
      if (!audio && !isOverview) return;
      event.preventDefault();
      var ms = timeAt(plot, event.clientX);
      if (isOverview && sceneAt(ms)) sceneAt(ms).scrollIntoView({ block: 'start', behavior: 'smooth' });
      if (audio) seek(ms);
    });
  });

  document.addEventListener('click', function (event) {
    var line = audio && event.target.closest && event.target.closest('[data-at]');
    if (!line || line.closest('svg') || event.target.closest('summary, a, dl, table')) return;
    if (String(window.getSelection())) return; // who marks words to copy them does not want to hear them
    seek(Number(line.dataset.at));
  });

  // ---- while it plays

  function follow() {
    var ms = audio.currentTime * 1000;
    plots.forEach(function (plot) {
      var knots = plot.knots, last = knots[knots.length - 1][1];
      var isInside = ms >= knots[0][1] && ms <= last && (ms > 0 || !audio.paused);
      plot.head.classList.toggle('on', isInside);
      if (!isInside) return;
      var x = (translate(knots, 1, 0, ms) * 100).toFixed(3) + '%';
      plot.head.setAttribute('x1', x);
      plot.head.setAttribute('x2', x);
    });
    mark(ms);
  }

  function mark(ms) {
    var line, best = -1;
    lines.forEach(function (one) {
      var at = Number(one.dataset.at);
      if (at <= ms && at >= best) { best = at; line = one; }
    });
    if (line !== shownLine) {
      if (shownLine) shownLine.classList.remove('now');
      if (line) line.classList.add('now');
      shownLine = line;
    }
    var scene = line && line.closest('.scene');
    if (scene === shownScene) return;
    if (shownScene) shownScene.classList.remove('playing');
    if (scene) scene.classList.add('playing');
    shownScene = scene;
    if (scene && isFollowing && !audio.paused) scene.scrollIntoView({ block: 'start', behavior: 'smooth' });
  }

  if (audio) {
    document.documentElement.classList.add('has-audio');
    var frame = function () { follow(); if (!audio.paused) requestAnimationFrame(frame); };
    audio.addEventListener('play', frame);
    audio.addEventListener('seeked', follow);
    var label = document.createElement('label');
    label.className = 'follow';
    var box = document.createElement('input');
    box.type = 'checkbox';
    box.addEventListener('change', function () { isFollowing = box.checked; });
    label.appendChild(box);
    label.appendChild(document.createTextNode('follow'));
    document.querySelector('.controls').appendChild(label);
    // before the browser's own player, whose keys are others in every browser
    document.addEventListener('keydown', function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, select, textarea')) return;
      if (event.key === ' ' && !event.target.closest('summary, button')) togglePlay();
      else if (event.key === 'ArrowLeft') skip(event.shiftKey ? -1 : -5);
      else if (event.key === 'ArrowRight') skip(event.shiftKey ? 1 : 5);
      else return;
      event.preventDefault();
      event.stopPropagation();
    }, true);
  }

  function togglePlay() {
    if (audio.paused) seek(audio.currentTime * 1000); else audio.pause();
  }

  function skip(seconds) {
    var last = isFinite(audio.duration) ? audio.duration : Infinity;
    audio.currentTime = Math.min(last, Math.max(0, audio.currentTime + seconds));
    follow();
  }

  // ---- keys and paper

  document.addEventListener('keydown', function (event) {
    var step = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0;
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    var edge = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
    var tops = scenes.map(function (scene) { return scene.getBoundingClientRect().top - edge; });
    var next = step > 0 ? tops.findIndex(function (top) { return top > 8; }) : tops.findLastIndex(function (top) { return top < -8; });
    if (next >= 0) scenes[next].scrollIntoView({ block: 'start', behavior: 'smooth' });
  });

  Array.prototype.forEach.call(document.querySelectorAll('time[datetime]'), function (time) {
    time.title = new Date(time.dateTime).toLocaleString();
  });

  var opened = [];
  addEventListener('beforeprint', function () {
    opened = Array.prototype.filter.call(document.querySelectorAll('details'), function (one) { return !one.open; });
    opened.forEach(function (one) { one.open = true; });
  });
  addEventListener('afterprint', function () { opened.forEach(function (one) { one.open = false; }); });
})();
`;
