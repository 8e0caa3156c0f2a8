import { Anchor, type AnchorProps, Button, type ButtonProps, NavLink, type NavLinkProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import { type AnchorHTMLAttributes, forwardRef } from 'react'

type Plain<T> = T & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof T>

const AnchorBase = forwardRef<HTMLAnchorElement, Plain<AnchorProps>>((props, ref) => <Anchor ref={ref} {...props} />)
/** A link to a page of the console, by its route. */
export const PageLink = createLink(AnchorBase)

const ButtonBase = forwardRef<HTMLAnchorElement, Plain<ButtonProps>>((props, ref) => (
  <Button component="a" ref={ref} {...props} />
))
export const PageButton = createLink(ButtonBase)

const NavBase = forwardRef<HTMLAnchorElement, Plain<NavLinkProps>>((props, ref) => (
  <NavLink component="a" ref={ref} {...props} />
))
export const PageNav = createLink(NavBase)
