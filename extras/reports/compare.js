// Lays the pictures of a comparison (page.h) over each other and gives it a handle: left of it is the first one. The
// handle is a slider as ARIA's authoring practices have it; pointer and finger may begin anywhere on the picture.
(() => {
    'use strict';
    const kSteps = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -100, End: 100};

    for (const stage of document.querySelectorAll('.compare .stage')) {
        const [before, after] = [...stage.querySelectorAll('img')].map(image => image.alt);
        const handle = document.createElement('div');
        let at = 50;  // percent of the width, from the left

        function move(to) {
            at = Math.min(100, Math.max(0, to));
            const shown = Math.round(at);
            stage.style.setProperty('--at', at + '%');
            handle.setAttribute('aria-valuenow', shown);
            handle.setAttribute('aria-valuetext', `${shown} % ${before}, ${100 - shown} % ${after}`);
        }

        const follow = event => {
            const box = stage.getBoundingClientRect();
            move((event.clientX - box.left) / box.width * 100);
        };
        stage.addEventListener('pointerdown', event => {
            if (event.button !== 0) return;
            event.preventDefault();  // neither text nor picture is dragged along
            stage.setPointerCapture(event.pointerId);
            handle.focus({preventScroll: true});
            follow(event);
        });
        stage.addEventListener('pointermove', event => {
            if (stage.hasPointerCapture(event.pointerId)) follow(event);
        });
        handle.addEventListener('keydown', event => {
            const step = kSteps[event.key];
            if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
            event.preventDefault();
            move(Math.round(at) + step);
        });

        handle.className = 'handle';
        for (const [name, value] of Object.entries({
            'role': 'slider', 'tabindex': 0, 'aria-orientation': 'horizontal', 'aria-valuemin': 0, 'aria-valuemax': 100,
            'aria-label': `Border between ${before} and ${after}`,
        })) handle.setAttribute(name, value);
        move(at);
        stage.classList.add('live');
        stage.append(handle);
    }
})();
